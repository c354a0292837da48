"""Symmetric Kullback-Leibler divergence (JSIA-ReID's instance-level alignment, Wang et al., AAAI 2020)."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['SymmetricKLLoss']


@MODELS.register_module()
class SymmetricKLLoss(ReIDLoss):
    """``KL(p || q) + KL(q || p)``, the mean over the rows, of two softmax distributions; q is constant.

    In JSIA-ReID, p are the identities that the classifier sees in an exchanged image, q those of the real one.
    """

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
        """Logits (N, C) twice; nothing of the batch is used."""
        log_p, log_q = F.log_softmax(feats, dim=1), F.log_softmax(target.detach(), dim=1)
        return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(1).mean()
