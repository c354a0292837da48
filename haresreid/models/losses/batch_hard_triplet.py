"""Batch-hard triplet loss (Hermans et al., 2017), over all rows or block by block of modalities."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['BatchHardTripletLoss']


def _cosine_distance(feats: Tensor) -> Tensor:
    unit = F.normalize(feats)
    return 1 - unit @ unit.T


METRICS = dict(euclidean=pairwise_distance, cosine=_cosine_distance)


@MODELS.register_module()
class BatchHardTripletLoss(ReIDLoss):
    """Triplet of every image with its farthest positive and its nearest negative.

    Without ``blocks`` the modalities do not matter. A block compares the images of some modalities, the anchors, with
    those of some modalities, the candidates: ``((0,), (0,))`` stays within the visible images, ``((0,), (1,))`` goes
    from visible to infrared ones, and ``((0, 1), (0, 1))`` takes both together. The loss is the mean over the blocks.

    Args:
        margin (float, optional): Margin of the hinge; None gives the soft margin, ``log(1 + exp(d_ap - d_an))``.
            Defaults to 0.3.
        blocks (Sequence[tuple[Sequence[int], Sequence[int]]], optional): The modalities of anchors and of candidates,
            for each block. Defaults to None: one block of all images.
        metric (str): 'euclidean', or 'cosine' for one minus the cosine, as in AlignGAN. Defaults to 'euclidean'.

    Raises:
        ValueError: If ``blocks`` holds anything else, or nothing, or there is no such metric.
    """

    def __init__(
        self,
        margin: float | None = 0.3,
        blocks: Sequence[tuple[Sequence[int], Sequence[int]]] | None = None,
        metric: str = 'euclidean',
    ) -> None:
        super().__init__()
        self.margin = margin
        if metric not in METRICS:
            raise ValueError(f'metric must be {" or ".join(map(repr, METRICS))}, not {metric!r}.')
        self.metric = metric
        try:
            self.blocks = blocks and [(tuple(anchors), tuple(candidates)) for anchors, candidates in blocks]
        except (TypeError, ValueError):
            self.blocks = []
        if blocks is not None and not self.blocks:
            raise ValueError(f'blocks must be pairs of tuples of modalities, such as [((0,), (1,))], not {blocks!r}.')

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        In a block, an image without a positive among the candidates, or without a negative, is no anchor.

        Raises:
            ValueError: If a block has no anchor.
        """
        distance = METRICS[self.metric](feats)  # (N, N)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        if self.blocks is None:
            return self._block(distance, same_id, batch)
        values = []
        for anchors, candidates in self.blocks:
            rows, columns = batch.rows_of(*anchors).unsqueeze(1), batch.rows_of(*candidates)  # (M, 1), (L,)
            values.append(self._block(distance[rows, columns], same_id[rows, columns], batch))  # of (M, L)
        return torch.stack(values).mean()

    def collapse_value(self, num_classes: int | None) -> float:
        """The margin, or ln 2 with the soft margin."""
        return math.log(2) if self.margin is None else self.margin

    def _block(self, distance: Tensor, same_id: Tensor, batch: ReIDBatch) -> Tensor:
        """The mean over the anchors of a block; distances and identities are (M, L)."""
        anchors = same_id.any(1) & ~same_id.all(1)
        if not anchors.any():
            in_block = 'an image with a positive and a negative in every block'
            refuse_batch(self, 'two identities' if self.blocks is None else in_block, batch)
        to_positive = distance.masked_fill(~same_id, 0).amax(1)[anchors]  # (A,)
        to_negative = distance.masked_fill(same_id, torch.inf).amin(1)[anchors]  # (A,)
        if self.margin is None:
            return F.softplus(to_positive - to_negative).mean()
        return (self.margin + to_positive - to_negative).clamp(min=0).mean()
