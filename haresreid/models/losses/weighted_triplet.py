"""Weighted regularised triplet loss of AGW (Ye et al., TPAMI 2022)."""

import math

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['WeightedRegularizedTripletLoss', 'softmax_weights']


@MODELS.register_module()
class WeightedRegularizedTripletLoss(ReIDLoss):
    """Soft-margin triplet between weighted means of each image's positive and negative distances.

    Positives are weighted by ``softmax(d)`` and negatives by ``softmax(-d)``: hard ones count most, and there is no
    margin to set. As in AGW's code, positives are of both modalities and include the image itself, and 1e-6 is added
    to the denominators of the softmaxes. The softmax of the negatives is not shifted by its maximum, so the negative
    term vanishes where every negative is farther than about 14; in the paper the softmax is exact.

    Args:
        normalize (bool): L2-normalise the features first. Long features need it: where all negatives are too far to
            count, the loss pulls everything to one point. Defaults to False.
    """

    def __init__(self, normalize: bool = False) -> None:
        super().__init__()
        self.normalize = normalize

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the modalities are not used.

        Raises:
            ValueError: If the batch holds one identity only.
        """
        if (batch.labels == batch.labels[0]).all():
            refuse_batch(self, 'two identities', batch)
        feats = F.normalize(feats) if self.normalize else feats
        to_positive, to_negative = _weighted_distances(feats, batch.labels)  # (N,) each
        return F.softplus(self.violation(to_positive - to_negative)).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The logarithm of 2."""
        return math.log(2)

    def violation(self, difference: Tensor) -> Tensor:
        """Map d_ap - d_an to what the soft margin gets, (N,) -> (N,). Variants of the loss override it."""
        return difference


def _weighted_distances(feats: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Each image's weighted mean distance to its positives, itself included, and to its negatives: (N,) each.

    Args:
        feats (Tensor): (N, D).
        labels (Tensor): (N,) of at least two identities.
    """
    distance = pairwise_distance(feats)  # (N, N)
    same_id = labels.unsqueeze(0) == labels.unsqueeze(1)
    to_positive = (softmax_weights(distance, same_id) * distance).sum(1)
    to_negative = (softmax_weights(-distance, ~same_id) * distance).sum(1)
    return to_positive, to_negative


def softmax_weights(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax of the scores within a mask, (N, N) each; zero outside, and a row without entries is zero."""
    scores = scores * mask
    powers = (
        scores - scores.amax(1, keepdim=True)
    ).exp() * mask  # the largest of the negatives' scores is a masked zero
    return powers / (powers.sum(1, keepdim=True) + 1e-6)  # (N, N)
