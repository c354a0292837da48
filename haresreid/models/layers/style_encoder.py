"""The encoder of an image's style."""

import itertools

from torch import Tensor, nn

__all__ = ['StyleEncoder']


class StyleEncoder(nn.Sequential):
    """Five convolutions without norms, the last four halving the image, then the mean of the map as a code.

    Args:
        base_channels (int): Channels of the first convolution; the third has four times as many.
        code_channels (int): Length S of the code.
    """

    def __init__(self, base_channels: int, code_channels: int) -> None:
        widths = [base_channels * factor for factor in (1, 2, 4, 4, 4)]
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 7, padding=3, padding_mode='reflect'), nn.ReLU()]
        for before, width in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, width, 4, 2, 1, padding_mode='reflect'), nn.ReLU()]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Conv2d(widths[-1], code_channels, 1), nn.Flatten())

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) -> codes (N, S)."""
        return super().forward(images)
