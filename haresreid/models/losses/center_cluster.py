"""Centre cluster loss of MPANet (Wu et al., CVPR 2021)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, group_means, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['CenterClusterLoss']


@MODELS.register_module()
class CenterClusterLoss(ReIDLoss):
    """Mean distance of the images to their identity's centre, and the mean hinge on the distances between centres.

    A centre is the mean of an identity's images in all modalities. Every identity counts once in the hinge, as in the
    released code, where each has the same number of images.

    Args:
        margin (float): Least distance of two centres. Defaults to 0.7, the released settings.
    """

    def __init__(self, margin: float = 0.7) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the modalities are not used.

        Raises:
            ValueError: If the batch holds one identity only.
        """
        centers, ids, index = group_means(feats, batch.labels)  # (P, D)
        if len(ids) < 2:
            refuse_batch(self, 'two identities', batch)
        pull = (feats - centers[index]).norm(dim=1).mean()
        others = ~torch.eye(len(ids), dtype=torch.bool, device=feats.device)  # (P, P)
        push = (self.margin - pairwise_distance(centers)[others]).clamp(min=0).mean()
        return pull + push

    def collapse_value(self, num_classes: int | None) -> float:
        """The margin."""
        return self.margin
