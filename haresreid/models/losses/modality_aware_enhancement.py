"""Modality-aware enhancement loss of CMTR (TMM 2023), as its abstract describes it."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, group_means, refuse_batch
from .loss import ReIDLoss

__all__ = ['ModalityAwareEnhancementLoss']


@MODELS.register_module()
class ModalityAwareEnhancementLoss(ReIDLoss):
    """Soft margin between an image's distances to its identity's centre and to the nearest centre of another.

    A centre is the mean of an identity's images in all modalities. The loss is ``log(1 + exp(d_own - d_other))``, the
    mean over the images. It acts on features without the knowledge of their modality, see
    :class:`ModalityRemovalHead`. The abstract says that the loss reduces distances within a class and enlarges those
    between classes; this formula is our reading of it.
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
        distance = torch.cdist(feats, centers, compute_mode='donot_use_mm_for_euclid_dist')  # (N, P)
        own = batch.labels.unsqueeze(1) == ids  # (N, P), one in each row
        nearest = distance.masked_fill(own, math.inf).amin(1)  # (N,)
        return F.softplus(distance[own] - nearest).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The logarithm of 2."""
        return math.log(2)
