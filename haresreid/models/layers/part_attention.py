"""IWPA, the intra-modality weighted-part attention of DDAG (Ye et al., ECCV 2020)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['PartAttention']


class PartAttention(nn.Module):
    """``BN(feat + sum_i w_i c_i)``, where c_i is what horizontal part i of the map gathers from all parts.

    As in the released code, the products of query and key are not scaled, and the norm's bias stays zero.

    Args:
        channels (int): Channels C of the map.
        num_parts (int): Horizontal parts P. Defaults to 3.

    Raises:
        ValueError: If ``num_parts`` is below one; in ``forward``, if the map has fewer rows than parts.
    """

    def __init__(self, channels: int, num_parts: int = 3) -> None:
        super().__init__()
        if num_parts < 1:
            raise ValueError(f'num_parts must be 1 or more, not {num_parts}.')
        self.query = nn.Conv2d(channels, channels, 1)
        self.key = nn.Conv2d(channels, channels, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gate = nn.Parameter(torch.zeros(num_parts))  # w is its softmax: all parts count alike at the start
        self.norm = nn.BatchNorm1d(channels)
        self.norm.bias.requires_grad_(False)
        nn.init.normal_(self.norm.weight, mean=1.0, std=0.01)

    def forward(self, x: Tensor, feat: Tensor) -> Tensor:
        """The map (B, C, h, w) and the image's feature (B, C) -> the part-attended feature (B, C)."""
        height, count = x.shape[2], len(self.gate)
        if height < count:
            raise ValueError(f'A map of {height} rows cannot be cut into {count} parts: choose a smaller num_parts.')
        parts = F.adaptive_avg_pool2d(x, (count, 1))  # (B, C, P, 1)
        query, key, value = (conv(parts).flatten(2) for conv in (self.query, self.key, self.value))  # (B, C, P)
        attention = (query.transpose(1, 2) @ key).softmax(dim=-1)  # (B, P, P)
        context = attention @ value.transpose(1, 2)  # (B, P, C)
        return self.norm(feat + self.gate.softmax(0) @ context)
