"""Bi-directional dual-constrained top-ranking loss of BDTR (Ye et al., IJCAI 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['DualConstrainedTopRankingLoss']


@MODELS.register_module()
class DualConstrainedTopRankingLoss(ReIDLoss):
    """A cross-modality ranking term in both directions, and an intra-modality term between positive and negative.

    Features are L2-normalised. For each anchor, take its hardest positive and its hardest negative, both in the *other*
    modality. The cross-modality term is the hinge ``[margin + d_ap - d_an]+``. The intra-modality term,
    ``[intra_margin - d(p, n)]+``, keeps that positive and that negative apart. Each term is the mean over the images of
    a modality, and the means of the two modalities are added.

    Value and gradient are those of the released code. There a batch holds one image of each identity and modality, so
    the hardest positive is the only one.

    Args:
        margin (float): Margin of the cross-modality term. Defaults to 0.5.
        intra_margin (float): Margin of the intra-modality term. Defaults to 0.1.
        intra_weight (float): Weight of the intra-modality term. Defaults to 0.1.
    """

    def __init__(self, margin: float = 0.5, intra_margin: float = 0.1, intra_weight: float = 0.1) -> None:
        super().__init__()
        self.margin = margin
        self.intra_margin = intra_margin
        self.intra_weight = intra_weight

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        An image without a positive, or a negative, in the other modality is left out.

        Raises:
            ValueError: If no image is left.
        """
        modalities = batch.modalities.to(feats.device)
        distance = pairwise_distance(F.normalize(feats))  # (N, N)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        cross = modalities.unsqueeze(0) != modalities.unsqueeze(1)
        to_positive, positive = distance.masked_fill(~(cross & same_id), -torch.inf).max(1)  # (N,)
        to_negative, negative = distance.masked_fill(~(cross & ~same_id), torch.inf).min(1)  # (N,)
        anchors = ~(to_positive.isinf() | to_negative.isinf())
        if not anchors.any():
            refuse_batch(self, 'an identity in both modalities, and another one beside it', batch)
        total = 0
        for modality in batch.modalities.unique().tolist():
            rows = anchors & (modalities == modality)
            if rows.any():
                ranking = (self.margin + to_positive - to_negative)[rows].clamp(min=0)
                intra = (self.intra_margin - distance[positive, negative])[rows].clamp(min=0)
                total = total + ranking.mean() + self.intra_weight * intra.mean()
        return total

    def collapse_value(self, num_classes: int | None) -> float:
        """Twice (margin + intra_weight * intra_margin)."""
        return 2 * (self.margin + self.intra_weight * self.intra_margin)
