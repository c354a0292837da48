"""Models, layers and losses."""

from .backbones import HierarchicalFeatureExtractor, HierarchicalFeatures, ResNetEncoder, TwoStreamResNet, stages_of
from .generators import XModalityGenerator
from .heads import BNNeckHead, DDAGHead, HGAEHead, ReIDHead, StripeHead
from .layers import (
    GeneralizedMeanPooling,
    GlobalAveragePooling,
    GraphAttention,
    NonLocalBlock,
    PartAttention,
    TransformerEncoderStage,
)
from .losses import (
    BatchHardTripletLoss,
    Criterion,
    CrossModalityGapLoss,
    DualConstrainedTopRankingLoss,
    HCTripletLoss,
    HeteroCenterLoss,
    IDLoss,
    InverseOf,
    MMDLoss,
    Ramp,
    ReIDLoss,
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
    'Criterion',
    'CrossModalityGapLoss',
    'DDAGHead',
    'DualConstrainedTopRankingLoss',
    'GeneralizedMeanPooling',
    'GlobalAveragePooling',
    'GraphAttention',
    'HCTripletLoss',
    'HGAEHead',
    'HeteroCenterLoss',
    'HierarchicalFeatureExtractor',
    'HierarchicalFeatures',
    'IDLoss',
    'InverseOf',
    'MMDLoss',
    'NonLocalBlock',
    'PartAttention',
    'Ramp',
    'ReIDDataPreprocessor',
    'ReIDHead',
    'ReIDLoss',
    'ResNetEncoder',
    'SquaredDifferenceTripletLoss',
    'StripeHead',
    'StripeNeck',
    'TransformerEncoderStage',
    'TwoStreamResNet',
    'VIReID',
    'WeightedRegularizedTripletLoss',
    'XModalityGenerator',
    'stages_of',
]
