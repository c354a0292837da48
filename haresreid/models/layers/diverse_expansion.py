"""Diverse embedding expansion (DEEN, Zhang and Wang, CVPR 2023)."""

import torch
from torch import Tensor, nn

from haresreid.structures import ReIDBatch

__all__ = ['DiverseEmbeddingExpansion']


class DiverseEmbeddingExpansion(nn.Module):
    """The map and two more made of it, each the rows of a branch.

    A branch is the mean of three 3 x 3 convolutions with the dilations 1, 2 and 3, a ReLU, and a 1 x 1 convolution.

    Args:
        channels (int): Channels C of the map; the branches are C/4 wide.
        dropout (float): Dropout of all three.
    """

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.branches = nn.ModuleList(_Branch(channels) for _ in range(2))
        self.dropout = nn.Dropout(dropout)
        self.init_weights()

    def init_weights(self) -> None:
        """Kaiming's initialisation, by inputs; biases are zero."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """(N, C, h, w) -> (3 N, C, h, w); the modalities of branch k, counted from 0, are 2 k and 2 k + 1."""
        rows = torch.cat((x, *(branch(x) for branch in self.branches)))
        return self.dropout(rows), batch.repeat(3, step=2)


class _Branch(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // 4
        self.dilated = nn.ModuleList(
            nn.Conv2d(channels, inner, 3, padding=dilation, dilation=dilation, bias=False) for dilation in (1, 2, 3)
        )
        self.out = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.relu(sum(conv(x) for conv in self.dilated) / 3))
