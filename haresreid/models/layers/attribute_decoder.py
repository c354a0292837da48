"""The decoder of Hi-CMD (Choi et al., CVPR 2020): an image from a prototype and an attribute code."""

import torch.nn.functional as F
from torch import Tensor, nn

from .attribute_code import SLICES
from .style_decoder import ImageNorm

__all__ = ['AttributeDecoder']

SLOPE = 0.3


class AttributeDecoder(nn.Module):
    """Draws an image four times as high and wide as its prototype; attributes set the statistics of the layers.

    There is a residual block for each slice of the code. It normalises every channel of an image, and takes standard
    deviation and mean from the slice. Two enlargements follow, each with a convolution and a norm over all of an image,
    and two more convolutions. Values of the image are not bounded.

    Args:
        prototype_channels (int): Channels C of the prototype.
        slice_channels (int): Length S of a slice of the code.
        base_channels (int): Channels of the last convolutions.
    """

    def __init__(self, prototype_channels: int, slice_channels: int, base_channels: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleList(_conv(prototype_channels, prototype_channels, 3) for _ in range(2)) for _ in range(SLICES)
        )
        # of both convolutions of a block
        self.stds, self.means = (
            nn.ModuleList(_perceptron(slice_channels, 2 * prototype_channels) for _ in range(SLICES)) for _ in range(2)
        )
        self.to_image = nn.Sequential(
            nn.Upsample(scale_factor=2),
            _conv(prototype_channels, 2 * base_channels, 5),
            ImageNorm(2 * base_channels),
            nn.LeakyReLU(SLOPE),
            nn.Upsample(scale_factor=2),
            _conv(2 * base_channels, base_channels, 5),
            ImageNorm(base_channels),
            nn.LeakyReLU(SLOPE),
            _conv(base_channels, base_channels, 3),
            nn.LeakyReLU(SLOPE),
            _conv(base_channels, base_channels, 3),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(base_channels, 3, 1),
        )

    def forward(self, prototypes: Tensor, attributes: Tensor) -> Tensor:
        """Prototypes (N, C, h, w) and attributes (N, 4, S) -> images (N, 3, 4h, 4w)."""
        x = prototypes
        for number, (first, second) in enumerate(self.blocks):
            own = attributes[:, number]  # (N, S)
            std, mean = (each[number](own).view(len(own), 2, -1, 1, 1) for each in (self.stds, self.means))
            inner = F.leaky_relu(F.instance_norm(first(x)) * std[:, 0] + mean[:, 0], SLOPE)
            x = x + F.instance_norm(second(inner)) * std[:, 1] + mean[:, 1]
        return self.to_image(x)


def _conv(before: int, after: int, size: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, size, padding=size // 2, padding_mode='reflect')


def _perceptron(width: int, out: int) -> nn.Sequential:
    hidden = [layer for _ in range(2) for layer in (nn.Linear(width, width), nn.LeakyReLU(SLOPE))]
    return nn.Sequential(*hidden, nn.Linear(width, out))
