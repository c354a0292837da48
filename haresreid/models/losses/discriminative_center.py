"""Discriminative centre loss of PMT (Lu et al., AAAI 2023)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, group_means, refuse_batch, row_means
from .loss import ReIDLoss

__all__ = ['DiscriminativeCenterLoss']


@MODELS.register_module()
class DiscriminativeCenterLoss(ReIDLoss):
    """The mean distance of the images to their identity's centre, divided by that of the centres to near strangers.

    A centre is the mean of an identity's images in all modalities. Its near strangers are the images of other
    identities whose distance to it is at most the mean of all these. As in the released code, features are not
    normalised; an identity's distances are averaged first, and then the identities.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the modalities are not used.

        Raises:
            ValueError: If the batch holds one identity only.
        """
        centers, ids, _ = group_means(feats, batch.labels)  # (P, D)
        if len(ids) < 2:
            refuse_batch(self, 'two identities', batch)
        distance = torch.cdist(centers, feats, compute_mode='donot_use_mm_for_euclid_dist')  # (P, N)
        own = ids.unsqueeze(1) == batch.labels  # (P, N)
        near = ~own & (distance <= row_means(distance, ~own).unsqueeze(1))
        return row_means(distance, own).mean() / row_means(distance, near).mean().clamp(min=1e-6)
