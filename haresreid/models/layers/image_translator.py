"""From an image to one of another kind, after CycleGAN (Zhu et al., ICCV 2017)."""

import itertools

from torch import Tensor, nn

__all__ = ['ImageTranslator']


class ImageTranslator(nn.Sequential):
    """Two convolutions that halve the image, residual blocks, and two that double it again.

    Instance norms follow the convolutions. They have scale and shift, and outside training they normalise by the
    running statistics of all images, as in AlignGAN's released code.

    Args:
        base_channels (int): Channels C at full size; the residual blocks have four times as many.
        num_blocks (int): Residual blocks.
    """

    def __init__(self, base_channels: int, num_blocks: int) -> None:
        widths = [base_channels * factor for factor in (1, 2, 4)]
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 7, padding=3, bias=False), _norm(widths[0]), nn.ReLU()]
        for before, width in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, width, 4, 2, 1, bias=False), _norm(width), nn.ReLU()]
        layers += [ResidualBlock(widths[-1]) for _ in range(num_blocks)]
        for before, width in itertools.pairwise(widths[::-1]):
            layers += [nn.ConvTranspose2d(before, width, 4, 2, 1, bias=False), _norm(width), nn.ReLU()]
        super().__init__(*layers, nn.Conv2d(widths[0], 3, 7, padding=3, bias=False), nn.Tanh())

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W), sides divisible by 4 -> images of the same size with values from -1 to 1."""
        return super().forward(images)


class ResidualBlock(nn.Module):
    """Two convolutions with instance norms beside the identity.

    Args:
        channels (int): C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            _norm(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            _norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        return x + self.branch(x)


def _norm(channels: int) -> nn.InstanceNorm2d:
    return nn.InstanceNorm2d(channels, affine=True, track_running_stats=True)
