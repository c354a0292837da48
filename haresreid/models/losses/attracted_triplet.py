"""The triplet loss of Hi-CMD (Choi et al., CVPR 2020), on cosines."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['AttractedTripletLoss']


@MODELS.register_module()
class AttractedTripletLoss(ReIDLoss):
    """Hinge on each image's least similar positive and most similar negative, which are also drawn to 1 and -1.

    With their cosines ``s_p`` and ``s_n`` it is ``max(0, margin + s_n - s_p) + (1 - s_p)^2 + (1 + s_n)^2``, the mean
    over the images.

    Args:
        margin (float): Defaults to 0.5.
    """

    def __init__(self, margin: float = 0.5) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order; modalities do not matter.

        An image without another one of its person, or without one of another person, is no anchor.

        Raises:
            ValueError: If there is no anchor.
        """
        unit = F.normalize(feats)
        cosine = unit @ unit.T  # (N, N)
        same = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        positive = same & ~torch.eye(len(feats), dtype=torch.bool, device=feats.device)
        anchors = positive.any(1) & ~same.all(1)
        if not anchors.any():
            refuse_batch(self, 'two images of a person, and one of another person', batch)
        to_positive = cosine.masked_fill(~positive, torch.inf).amin(1)[anchors]  # (A,)
        to_negative = cosine.masked_fill(same, -torch.inf).amax(1)[anchors]  # (A,)
        hinge = (self.margin + to_negative - to_positive).clamp(min=0)
        return (hinge + (1 - to_positive).square() + (1 + to_negative).square()).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The margin and 4, the square of two."""
        return self.margin + 4
