"""Dense triplet loss (LbA, Park et al., ICCV 2021)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['DenseTripletLoss']


@MODELS.register_module()
class DenseTripletLoss(ReIDLoss):
    """Triplet of every position with its reconstructions, weighted by the co-mask.

    Args:
        margin (float): Defaults to 0.3.
        across_batch (bool): Whether the mean co-mask of the batch weights every image. The released code does this by
            broadcasting; in the paper each image has its own. Defaults to False.
    """

    def __init__(self, margin: float = 0.3, across_batch: bool = False) -> None:
        super().__init__()
        self.margin = margin
        self.across_batch = across_batch

    @fp32_island
    def forward(self, batch: ReIDBatch, own: Tensor, positive: Tensor, negative: Tensor, comask: Tensor) -> Tensor:
        """Maps and reconstructions (N, C, h, w), and co-masks (N, h, w)."""
        # as in torch's pairwise distance, 1e-6 keeps the norm's gradient finite
        to_positive, to_negative = ((own - other + 1e-6).norm(dim=1) for other in (positive, negative))  # (N, h, w)
        hinge = (to_positive - to_negative + self.margin).clamp(min=0)
        if self.across_batch:
            comask = comask.mean(dim=0)  # (h, w)
        return (comask * hinge).mean()
