"""Kullback-Leibler divergence of one classifier's identities from another's."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['KLDivergenceLoss']


@MODELS.register_module()
class KLDivergenceLoss(ReIDLoss):
    """``KL(softmax(feats) || softmax(target))``, the mean over the rows; the gradient reaches ``feats`` only.

    MPANet (Wu et al., CVPR 2021) lets the classifier of each modality learn from the other's with it.
    """

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
        """Logits (N, C) twice; nothing of the batch is used."""
        own, other = F.log_softmax(feats, dim=1), F.log_softmax(target.detach(), dim=1)
        return (own.exp() * (own - other)).sum(dim=1).mean()
