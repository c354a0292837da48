"""Models, layers and losses."""

from .backbones import HierarchicalFeatureExtractor, HierarchicalFeatures, ResNetEncoder
from .heads import BNNeckHead, HGAEHead
from .layers import GeneralizedMeanPooling, GlobalAveragePooling, TransformerEncoderStage
from .losses import HCTripletLoss, IDLoss, MMDLoss, WeightedRegularizedTripletLoss
from .necks import CFFM, ConcatFusion
from .reid import ReIDDataPreprocessor, VIReID

__all__ = [
    'BNNeckHead', 'CFFM', 'ConcatFusion', 'GeneralizedMeanPooling', 'GlobalAveragePooling', 'HCTripletLoss',
    'HGAEHead', 'HierarchicalFeatureExtractor', 'HierarchicalFeatures', 'IDLoss', 'MMDLoss', 'ReIDDataPreprocessor',
    'ResNetEncoder', 'TransformerEncoderStage', 'VIReID', 'WeightedRegularizedTripletLoss'
]
