"""Hetero-centre loss (Zhu et al., Neurocomputing 2020)."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, modality_centers, over_modality_pairs, refuse_batch
from .loss import ReIDLoss

__all__ = ['HeteroCenterLoss']


@MODELS.register_module()
class HeteroCenterLoss(ReIDLoss):
    """Squared distance between the visible and the infrared centre of each identity, summed over the identities.

    As in the released code, features are L2-normalised before they are averaged. Because the loss is a sum over
    identities, the weight 0.5 holds for batches of 4 people. The loss only pulls features together; the identity loss
    beside it keeps people apart.
    """

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order and number.

        An identity that the batch shows in one modality only is left out.

        Raises:
            ValueError: If no identity is left.
        """
        centers, ids, _ = modality_centers(F.normalize(feats), batch)  # (M, D), sorted by identity
        both = ids[1:] == ids[:-1]  # (M-1,): the two centres of an identity are neighbours
        if not both.any():
            refuse_batch(self, 'an identity in both modalities', batch)
        return (centers[1:] - centers[:-1])[both].square().sum()
