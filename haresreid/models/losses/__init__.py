"""Losses: small modules ``loss(feats, labels, modalities) -> scalar`` that read labels, never positions in a batch."""

from .functional import fp32_island, modality_centers, pairwise_distance
from .hc_triplet import HCTripletLoss
from .id_loss import IDLoss
from .mmd import MMDLoss
from .weighted_triplet import WeightedRegularizedTripletLoss

__all__ = [
    'HCTripletLoss', 'IDLoss', 'MMDLoss', 'WeightedRegularizedTripletLoss', 'fp32_island', 'modality_centers',
    'pairwise_distance'
]
