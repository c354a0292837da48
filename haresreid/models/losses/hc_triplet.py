"""Hetero-centre triplet loss (Liu et al., TMM 2020; HAResformer, eqs. 8-9)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, modality_centers, over_modality_pairs, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['HCTripletLoss']


@MODELS.register_module()
class HCTripletLoss(ReIDLoss):
    """Triplet loss on the centres of each identity in each modality.

    Every centre is an anchor. Its positive is the same identity's centre in the other modality, its negative the
    nearest centre of any other identity in either modality. The features are neither normalised nor whitened.

    Eq. 9 writes a sum over the 2P anchors. The published code, from which the paper's weight 2.0 comes, takes their
    mean, and so does this loss.

    An identity that the batch shows in one modality only is not an anchor, but remains a negative for others.

    Args:
        margin (float): Defaults to 0.3.
    """

    def __init__(self, margin: float = 0.3) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        Raises:
            ValueError: If the batch has no anchor.
        """
        centers, ids, kinds = modality_centers(feats, batch)
        distance = pairwise_distance(centers)  # (M, M)
        same_id = ids.unsqueeze(0) == ids.unsqueeze(1)
        positive = same_id & (kinds.unsqueeze(0) != kinds.unsqueeze(1))
        anchors = positive.any(1) & ~same_id.all(1)
        if not anchors.any():
            refuse_batch(self, 'an identity in both modalities, and another identity', batch)
        to_positive = distance.masked_fill(~positive, 0).sum(1)  # (M,): there is at most one positive
        to_negative = distance.masked_fill(same_id, torch.inf).amin(1)  # (M,)
        return (self.margin + to_positive - to_negative)[anchors].clamp(min=0).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The margin."""
        return self.margin
