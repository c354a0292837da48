"""Class-specific maximum mean discrepancy of CM-NAS (Fu et al., ICCV 2021)."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['ClassMMDLoss']


@MODELS.register_module()
class ClassMMDLoss(ReIDLoss):
    """MMD^2 between the visible and the infrared features of an identity, with the kernel ``(x y)^2``; the mean over P.

    Features are L2-normalised; expectations include the diagonal. Identities seen in one modality only are left out.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order and number.

        Raises:
            ValueError: If the batch shows no identity in both modalities.
        """
        kernel = (F.normalize(feats) @ F.normalize(feats).T).square()  # (N, N)
        own = batch.labels.unique().unsqueeze(1) == batch.labels  # (P, N)
        kinds = [own & (batch.modalities == modality).to(own.device) for modality in Modality]  # (P, N) each
        both = kinds[0].any(1) & kinds[1].any(1)  # (P,)
        if not both.any():
            refuse_batch(self, 'an identity in both modalities', batch)
        # with 1/n for each visible image and -1/m for each infrared one, w^T K w is E[vv] + E[rr] - 2 E[vr]
        visible, infrared = (kind[both] / kind[both].sum(1, keepdim=True) for kind in kinds)  # (P, N) each
        weight = (visible - infrared).to(kernel.dtype)
        return (weight @ kernel * weight).sum(1).mean()
