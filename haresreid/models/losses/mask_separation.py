"""Separation loss on the masks of MPANet (Wu et al., CVPR 2021)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['MaskSeparationLoss']


@MODELS.register_module()
class MaskSeparationLoss(ReIDLoss):
    """Inner product of two masks of an image, the mean over all pairs of masks and all images.

    As in the released code it is a sum over the map's positions, so a larger map needs a smaller weight.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Masks (N, P, h*w); nothing of the batch is used.

        Raises:
            ValueError: If an image has one mask only.
        """
        if feats.size(1) < 2:
            raise ValueError('MaskSeparationLoss compares the masks of an image, and there is one only: take it out.')
        overlaps = feats @ feats.transpose(1, 2)  # (N, P, P)
        pairs = overlaps.size(1) * (overlaps.size(1) - 1) / 2
        return overlaps.triu(diagonal=1).sum() / (pairs * len(feats))
