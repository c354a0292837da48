"""Cross entropy of the modality."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['ModalityLoss']


@MODELS.register_module()
class ModalityLoss(ReIDLoss):
    """Cross entropy of logits (N, M) for the M modalities with the modality of each row."""

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Logits (N, M), their rows in any order."""
        return F.cross_entropy(feats, batch.modalities.to(feats.device))
