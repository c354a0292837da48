"""Weighted tri-directional ranking loss of HAT (Ye et al., TIFS 2021), as far as it is described."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..generators.third_modality import THIRD
from .functional import fp32_island, pairwise_distance, refuse_batch
from .loss import ReIDLoss
from .weighted_triplet import softmax_weights

__all__ = ['TriDirectionalRankingLoss']

CYCLE = (Modality.VISIBLE, Modality.INFRARED, THIRD)


@MODELS.register_module()
class TriDirectionalRankingLoss(ReIDLoss):
    """Soft-margin triplet whose anchor, positives and negatives are of three modalities, in three directions.

    Visible anchors have infrared positives and grey negatives, infrared ones grey positives and visible negatives, and
    grey ones visible positives and infrared negatives. The distances to the positives and those to the negatives are
    each averaged with the weights of :class:`WeightedRegularizedTripletLoss`.

    There is no released code. The directions and the weights by softmax are from descriptions of the paper; that they
    are AGW's weights, and that the loss is the mean over all anchors, is our reading.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order; the third modality is number 2.

        An image without a positive or a negative in its direction is no anchor.

        Raises:
            ValueError: If no image is an anchor.
        """
        distance = pairwise_distance(feats)  # (N, N)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        modalities = batch.modalities.to(feats.device)
        following = torch.zeros_like(same_id)  # whether row j has the modality that follows row i's in the cycle
        for kind, following_kind in zip(CYCLE, (*CYCLE[1:], CYCLE[0])):
            following |= (modalities == kind).unsqueeze(1) & (modalities == following_kind).unsqueeze(0)
        positive, negative = following & same_id, following.T & ~same_id
        anchors = positive.any(1) & negative.any(1)
        if not anchors.any():
            refuse_batch(self, 'an identity in two modalities, and another one in the third', batch)
        to_positive = (softmax_weights(distance, positive) * distance).sum(1)  # (N,)
        to_negative = (softmax_weights(-distance, negative) * distance).sum(1)  # (N,)
        return F.softplus(to_positive - to_negative)[anchors].mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The logarithm of 2."""
        return math.log(2)
