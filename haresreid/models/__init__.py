"""Models, layers and losses."""

from .backbones import HierarchicalFeatureExtractor, HierarchicalFeatures, ResNetEncoder, TwoStreamResNet
from .heads import BNNeckHead, HGAEHead, ReIDHead, StripeHead
from .layers import GeneralizedMeanPooling, GlobalAveragePooling, NonLocalBlock, TransformerEncoderStage
from .losses import (
    BatchHardTripletLoss,
    DualConstrainedTopRankingLoss,
    HCTripletLoss,
    HeteroCenterLoss,
    IDLoss,
    MMDLoss,
    SquaredDifferenceTripletLoss,
    WeightedRegularizedTripletLoss,
)
from .necks import CFFM, ConcatFusion, StripeNeck
from .reid import ReIDDataPreprocessor, VIReID

__all__ = [
    'CFFM',
    'BNNeckHead',
    'BatchHardTripletLoss',
    'ConcatFusion',
    'DualConstrainedTopRankingLoss',
    'GeneralizedMeanPooling',
    'GlobalAveragePooling',
    'HCTripletLoss',
    'HGAEHead',
    'HeteroCenterLoss',
    'HierarchicalFeatureExtractor',
    'HierarchicalFeatures',
    'IDLoss',
    'MMDLoss',
    'NonLocalBlock',
    'ReIDDataPreprocessor',
    'ReIDHead',
    'ResNetEncoder',
    'SquaredDifferenceTripletLoss',
    'StripeHead',
    'StripeNeck',
    'TransformerEncoderStage',
    'TwoStreamResNet',
    'VIReID',
    'WeightedRegularizedTripletLoss',
]
