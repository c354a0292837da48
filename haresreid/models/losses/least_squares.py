"""Least-squares adversarial loss (LSGAN, Mao et al., ICCV 2017)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['LeastSquaresLoss']


@MODELS.register_module()
class LeastSquaresLoss(ReIDLoss):
    """Mean squared distance of a discriminator's scores from the value that they should have.

    Args:
        target (float): 1 for images that should pass as real, 0 for generated ones.
    """

    def __init__(self, target: float) -> None:
        super().__init__()
        self.target = target

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Scores (N, 1, h, w); nothing of the batch is used."""
        return (feats - self.target).square().mean()
