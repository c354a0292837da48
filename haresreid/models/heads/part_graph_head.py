"""Head that makes a graph of an image and its stripes (G2DA, Pattern Recognition 2023)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .bnneck_head import BNNeckHead

__all__ = ['PartGraphHead']


@MODELS.register_module()
class PartGraphHead(BNNeckHead):
    """A :class:`BNNeckHead` whose embedding is the node of the whole image in a graph with its stripes.

    The nodes are the pooled map and the means of ``num_parts`` horizontal stripes. Each gets messages from all of them,
    weighted by attention: ``x + gate * softmax(q k') x``, whose gate starts at zero. ``nodes`` (N, 1 + P, D) are the
    nodes behind that, the whole image first. The paper's text was not available: stripes stand in for the body parts
    that its pose estimator finds, and the form of the attention is our reading.

    Args:
        in_channels (int): Channels D of the map.
        num_parts (int): Stripes P. Defaults to 6.
        **kwargs: Those of :class:`BNNeckHead`.

    Raises:
        ValueError: If ``num_parts`` is below one; in ``forward``, if the map has fewer rows than stripes.
    """

    def __init__(self, in_channels: int, num_parts: int = 6, **kwargs) -> None:
        super().__init__(in_channels, **kwargs)
        if num_parts < 1:
            raise ValueError(f'num_parts must be 1 or more, not {num_parts}.')
        self.num_parts = num_parts
        self.query, self.key = (nn.Linear(in_channels, max(in_channels // 8, 1), bias=False) for _ in range(2))
        self.gate = nn.Parameter(torch.zeros(()))

    def embeddings(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """``nodes`` (N, 1 + P, D) and ``embed`` (N, D), the first of them, of the map ``feats[-1]``, (N, D, h, w)."""
        map_ = feats[-1]
        if map_.shape[2] < self.num_parts:
            raise ValueError(
                f'A map of {map_.shape[2]} rows cannot be cut into {self.num_parts} stripes: lower num_parts.'
            )
        stripes = F.adaptive_avg_pool2d(map_, (self.num_parts, 1)).squeeze(3).transpose(1, 2)  # (N, P, D)
        nodes = torch.cat((self.pooling(map_).unsqueeze(1), stripes), dim=1)  # (N, 1 + P, D)
        query, key = self.query(nodes), self.key(nodes)  # (N, 1 + P, D / 8)
        attention = (query @ key.transpose(1, 2) / query.shape[2] ** 0.5).softmax(dim=2)  # (N, 1 + P, 1 + P)
        nodes = nodes + self.gate * attention @ nodes
        return dict(nodes=nodes, embed=nodes[:, 0])
