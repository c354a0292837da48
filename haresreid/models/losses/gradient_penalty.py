"""Penalty on a discriminator's gradient (R1, Mescheder et al., ICML 2018)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['GradientPenaltyLoss']


@MODELS.register_module()
class GradientPenaltyLoss(ReIDLoss):
    """Mean over the images of the squared length of the gradient of an image's scores by its pixels."""

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Gradients (N, 3, H, W); nothing of the batch is used."""
        return feats.square().flatten(1).sum(1).mean()
