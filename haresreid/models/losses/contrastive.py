"""Contrastive loss of TONE (Ye et al., AAAI 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['ContrastiveLoss', 'contrast']


@MODELS.register_module()
class ContrastiveLoss(ReIDLoss):
    """Distances across the modalities: small within an identity, at least ``margin`` between two.

    As in the released code, a modality's features are L2-normalised *over the batch*: each column of them has length
    one, and not each feature. That code draws pairs of images, half of them of one identity. Here all pairs of a batch
    count, those of one identity half and the others half.

    Args:
        margin (float): Defaults to 0.5.
    """

    def __init__(self, margin: float = 0.5) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        Raises:
            ValueError: If no pair is of one identity, or none of two.
        """
        rows = [batch.rows_of(modality) for modality in batch.modalities.unique().tolist()]
        if len(rows) < 2:
            refuse_batch(self, 'images of two modalities', batch)
        first, second = (F.normalize(feats[own], dim=0) for own in rows)  # (V, D), (I, D)
        of_first, of_second = (batch.labels.to(feats.device)[own] for own in rows)
        same = of_first.unsqueeze(1) == of_second.unsqueeze(0)  # (V, I)
        if same.all() or not same.any():
            refuse_batch(self, 'an identity in both modalities, and another one beside it', batch)
        distance = pairwise_distance(torch.cat((first, second)))[: len(first), len(first) :]  # (V, I)
        terms = contrast(distance, same, self.margin)
        return (terms[same].mean() + terms[~same].mean()) / 4  # half of the squares, half of the pairs


def contrast(distance: Tensor, same: Tensor, margin: float) -> Tensor:
    """The square of the distance of a pair of one identity, and of what another pair lacks to the margin.

    Args:
        distance (Tensor): Of pairs, of any shape.
        same (Tensor): Whether each is of one identity.
        margin (float): What two identities should keep.
    """
    return torch.where(same, distance, (margin - distance).clamp(min=0)).square()
