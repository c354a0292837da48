"""Squared-difference triplet loss of CAJ (Ye et al., ICCV 2021), ``TripletLoss_ADP`` in its code."""

from torch import Tensor

from haresreid.registry import MODELS

from .weighted_triplet import WeightedRegularizedTripletLoss

__all__ = ['SquaredDifferenceTripletLoss']


@MODELS.register_module()
class SquaredDifferenceTripletLoss(WeightedRegularizedTripletLoss):
    """Soft-margin triplet on the *signed square* of the difference between AGW's two weighted distances.

    With d = d_ap - d_an of :class:`WeightedRegularizedTripletLoss` the loss is the mean of ``log(1 + exp(s))``,
    s = d^2 where the positive is farther and -d^2 where it is not: large violations weigh more, and satisfied triplets
    fade sooner. As in the released code, d^2 is cut off at 88, just below the logarithm of the largest float32: beyond
    d = 9.38 or -9.38 an image contributes a constant (88, or nothing) and no gradient.
    """

    def violation(self, difference: Tensor) -> Tensor:
        """The signed square, (N,) -> (N,)."""
        return difference.sign() * difference.square().clamp(max=88)
