"""Mean absolute difference of two images, maps or codes."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['AbsoluteDifferenceLoss']


@MODELS.register_module()
class AbsoluteDifferenceLoss(ReIDLoss):
    """``mean(|feats - target|)`` over all elements; the gradient reaches both."""

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
        """Two tensors of one shape; nothing of the batch is used."""
        return (feats - target).abs().mean()
