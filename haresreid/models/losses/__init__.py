"""Losses: small modules ``loss(feats, batch) -> scalar`` that read labels, never positions in a batch."""

from .batch_hard_triplet import BatchHardTripletLoss
from .criterion import Criterion
from .cross_modality_gap import CrossModalityGapLoss
from .functional import fp32_island, modality_centers, pairwise_distance
from .hc_triplet import HCTripletLoss
from .hetero_center import HeteroCenterLoss
from .id_loss import IDLoss
from .loss import ReIDLoss
from .mmd import MMDLoss
from .squared_triplet import SquaredDifferenceTripletLoss
from .top_ranking import DualConstrainedTopRankingLoss
from .weighted_triplet import WeightedRegularizedTripletLoss
from .weights import InverseOf, Ramp

__all__ = [
    'BatchHardTripletLoss',
    'Criterion',
    'CrossModalityGapLoss',
    'DualConstrainedTopRankingLoss',
    'HCTripletLoss',
    'HeteroCenterLoss',
    'IDLoss',
    'InverseOf',
    'MMDLoss',
    'Ramp',
    'ReIDLoss',
    'SquaredDifferenceTripletLoss',
    'WeightedRegularizedTripletLoss',
    'fp32_island',
    'modality_centers',
    'pairwise_distance',
]
