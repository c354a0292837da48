"""Convolutions with instance norms in front of a transformer's patches (TransReID-SSL, Luo et al., 2021)."""

import torch
from torch import Tensor, nn

__all__ = ['HalfInstanceNorm', 'IBNConvStem']


class HalfInstanceNorm(nn.Module):
    """Instance norm of the first half of the channels, batch norm of the others (IBN-a, Pan et al., ECCV 2018).

    Args:
        channels (int): An even number.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.instance = nn.InstanceNorm2d(channels // 2, affine=True)
        self.batch = nn.BatchNorm2d(channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        first, second = x.chunk(2, dim=1)
        return torch.cat((self.instance(first), self.batch(second)), dim=1)


class IBNConvStem(nn.Sequential):
    """ICS: three convolutions to 64 channels at half the resolution; instance norms take out an image's style.

    (B, 3, H, W) -> (B, 64, H/2, W/2).
    """

    channels = 64

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(3, self.channels, 7, stride=2, padding=3, bias=False),
            HalfInstanceNorm(self.channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(self.channels, self.channels, 3, padding=1, bias=False),
            HalfInstanceNorm(self.channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(self.channels, self.channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(self.channels),
            nn.ReLU(inplace=True),
        )
