"""Batch-hard triplet loss (Hermans et al., 2017) over both modalities."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['BatchHardTripletLoss']


@MODELS.register_module()
class BatchHardTripletLoss(ReIDLoss):
    """Triplet of every image with its farthest positive and its nearest negative, whatever their modality.

    Args:
        margin (float, optional): Margin of the hinge; None gives the soft margin, ``log(1 + exp(d_ap - d_an))``.
            Defaults to 0.3.
    """

    def __init__(self, margin: float | None = 0.3) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the modalities are not used.

        Raises:
            ValueError: If the batch holds one identity only.
        """
        distance = pairwise_distance(feats)  # (N, N)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        if same_id.all():
            refuse_batch(self, 'two identities', batch)
        to_positive = distance.masked_fill(~same_id, 0).amax(1)  # (N,)
        to_negative = distance.masked_fill(same_id, torch.inf).amin(1)  # (N,)
        if self.margin is None:
            return F.softplus(to_positive - to_negative).mean()
        return (self.margin + to_positive - to_negative).clamp(min=0).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The margin, or ln 2 with the soft margin."""
        return math.log(2) if self.margin is None else self.margin
