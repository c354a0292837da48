"""The encoder of a person's shape in Hi-CMD (Choi et al., CVPR 2020)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .residual import Residual

__all__ = ['PrototypeEncoder']

NUM_BLOCKS = 4
SLOPE = 0.3


class PrototypeEncoder(nn.Module):
    """Four convolutions, two of which halve the image, residual blocks, and convolutions with several dilations.

    Instance norms without parameters follow all convolutions, and no activation those that are added or joined.

    Args:
        base_channels (int): Channels of the first convolution; the residual blocks have four times as many.
        out_channels (int): Channels C of the prototype.
        dilations (Sequence[int]): Of the convolutions behind the residual blocks. Each must be less than the height and
            the width of the map.
    """

    def __init__(self, base_channels: int, out_channels: int, dilations: Sequence[int]) -> None:
        super().__init__()
        middle, wide = 2 * base_channels, 4 * base_channels
        self.stem = nn.Sequential(
            _layer(3, base_channels, 3, stride=2),
            _layer(base_channels, middle, 3),
            _layer(middle, middle, 3),
            _layer(middle, wide, 3, stride=2),
        )
        self.blocks = nn.Sequential(
            *(Residual(*_layer(wide, wide, 3), *_normed(wide, wide, 3)) for _ in range(NUM_BLOCKS))
        )
        self.point = _normed(wide, middle, 1)
        self.dilated = nn.ModuleList(
            nn.Sequential(_layer(wide, middle, 1), _normed(middle, middle, 3, dilation=dilation))
            for dilation in dilations
        )
        self.fuse = _normed((1 + len(dilations)) * middle, out_channels, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) -> prototypes (N, C, H / 4, W / 4)."""
        x = self.blocks(self.stem(images))
        return self.fuse(torch.cat([self.point(x), *(branch(x) for branch in self.dilated)], 1))


def _layer(before: int, after: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(*_normed(before, after, size, stride), nn.LeakyReLU(SLOPE))


def _normed(before: int, after: int, size: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (size // 2)
    conv = nn.Conv2d(before, after, size, stride, padding, dilation, padding_mode='reflect')
    return nn.Sequential(conv, nn.InstanceNorm2d(after))
