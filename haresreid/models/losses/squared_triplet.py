"""Squared-difference triplet loss of CAJ (Ye et al., ICCV 2021), ``TripletLoss_ADP`` in its code."""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .functional import fp32_island
from .weighted_triplet import weighted_distances

__all__ = ['SquaredDifferenceTripletLoss']


@MODELS.register_module()
class SquaredDifferenceTripletLoss(nn.Module):
    """Soft-margin triplet on the *signed square* of the difference between AGW's two weighted distances.

    With d = d_ap - d_an of :class:`WeightedRegularizedTripletLoss` the loss is the mean of ``log(1 + exp(s))``,
    s = d^2 where the positive is farther and -d^2 where it is not: large violations weigh more, and satisfied triplets
    fade sooner. As in the released code, d^2 is cut off at 88, just below the logarithm of the largest float32: beyond
    |d| = 9.38 an image contributes a constant (88, or nothing) and no gradient.

    Attributes:
        collapse_value (float): ln 2, the loss when all features are equal.
    """

    collapse_value = math.log(2)

    @fp32_island
    def forward(self, feats: Tensor, labels: Tensor, modalities: Tensor) -> Tensor:
        """Features (N, D), labels (N,); the modalities are not used. Zero when the batch holds one identity only."""
        if (labels == labels[0]).all():
            return feats.sum() * 0
        to_positive, to_negative = weighted_distances(feats, labels)  # (N,) each
        difference = to_positive - to_negative
        return F.softplus(difference.sign() * difference.square().clamp(max=88)).mean()
