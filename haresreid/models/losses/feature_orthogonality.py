"""Orthogonality of two features of an image (DMiR, TCSVT 2022)."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['FeatureOrthogonalityLoss']


@MODELS.register_module()
class FeatureOrthogonalityLoss(ReIDLoss):
    """``|cos|`` of the two features of an image, the mean over the images; 0 if they are orthogonal."""

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, other: Tensor) -> Tensor:
        """Features (N, D) twice; nothing of the batch is used."""
        return F.cosine_similarity(feats, other).abs().mean()
