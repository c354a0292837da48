"""Hetero-centre loss (Zhu et al., Neurocomputing 2020)."""

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .functional import fp32_island, modality_centers, refuse_batch

__all__ = ['HeteroCenterLoss']


@MODELS.register_module()
class HeteroCenterLoss(nn.Module):
    """Squared distance between the visible and the infrared centre of each identity, summed over the identities.

    As in the released code, features are L2-normalised before they are averaged, and the sum is no mean: the weight
    0.5 belongs to batches of 4 people. The loss only pulls; what keeps people apart is the identity loss beside it.

    Attributes:
        collapse_value (None): Equal features give 0, and so do aligned ones: 0 is no sign of a collapse.
    """

    collapse_value = None

    @fp32_island
    def forward(self, feats: Tensor, labels: Tensor, modalities: Tensor) -> Tensor:
        """Features (N, D), labels (N,), modalities (N,) of 0 and 1, in any order and number.

        An identity that the batch shows in one modality only is left out.

        Raises:
            ValueError: If that is every one.
        """
        centers, ids, _ = modality_centers(F.normalize(feats), labels, modalities)  # (M, D), sorted by identity
        both = ids[1:] == ids[:-1]  # (M-1,): the two centres of an identity are neighbours
        if not both.any():
            refuse_batch(self, 'an identity in both modalities', labels, modalities)
        return (centers[1:] - centers[:-1])[both].square().sum()
