"""Discriminative centre loss of PMT (Lu et al., AAAI 2023)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_batch
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
        ids, index, counts = torch.unique(batch.labels, return_inverse=True, return_counts=True)
        if len(ids) < 2:
            refuse_batch(self, 'two identities', batch)
        centers = feats.new_zeros(len(ids), feats.size(1)).index_add(0, index, feats) / counts.unsqueeze(1)  # (P, D)
        distance = torch.cdist(centers, feats, compute_mode='donot_use_mm_for_euclid_dist')  # (P, N)
        own = ids.unsqueeze(1) == batch.labels  # (P, N)
        near = ~own & (distance <= _mean(distance, ~own).unsqueeze(1))
        return _mean(distance, own).mean() / _mean(distance, near).mean().clamp(min=1e-6)


def _mean(distance: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the chosen distances of each row, (P,)."""
    return distance.where(chosen, 0).sum(1) / chosen.sum(1)
