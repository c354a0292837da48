"""Losses: small modules ``loss(feats, labels, modalities) -> scalar`` that read labels, never positions in a batch."""

from .batch_hard_triplet import BatchHardTripletLoss
from .functional import fp32_island, modality_centers, pairwise_distance
from .hc_triplet import HCTripletLoss
from .hetero_center import HeteroCenterLoss
from .id_loss import IDLoss
from .mmd import MMDLoss
from .squared_triplet import SquaredDifferenceTripletLoss
from .top_ranking import DualConstrainedTopRankingLoss
from .weighted_triplet import WeightedRegularizedTripletLoss

__all__ = [
    'BatchHardTripletLoss',
    'DualConstrainedTopRankingLoss',
    'HCTripletLoss',
    'HeteroCenterLoss',
    'IDLoss',
    'MMDLoss',
    'SquaredDifferenceTripletLoss',
    'WeightedRegularizedTripletLoss',
    'fp32_island',
    'modality_centers',
    'pairwise_distance',
]
