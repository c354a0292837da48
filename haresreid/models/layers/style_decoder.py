"""The decoder that draws an image from content and style, after MUNIT (Huang et al., ECCV 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['StyleDecoder']

BLOCKS = 2


class StyleDecoder(nn.Module):
    """Draws an image twice as high and wide as the map of its content; the style sets the statistics of the layers.

    Two residual blocks normalise each channel of an image, and take mean and standard deviation from the style. Then
    come an enlargement and two convolutions, with a norm over all of an image between them.

    Args:
        content_channels (int): Channels C of the content.
        code_channels (int): Length S of the style's code.
        hidden_channels (int): Width of the network from the code to the statistics. Defaults to 256.
    """

    def __init__(self, content_channels: int, code_channels: int, hidden_channels: int = 256) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_conv(content_channels, content_channels, 3) for _ in range(2 * BLOCKS))
        self.statistics = nn.Sequential(
            nn.Linear(code_channels, hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, 2 * BLOCKS * 2 * content_channels),
        )
        self.enlarge = nn.Upsample(scale_factor=2)
        self.conv = _conv(content_channels, content_channels // 2, 5)
        self.norm = ImageNorm(content_channels // 2)
        self.to_image = _conv(content_channels // 2, 3, 7)

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """Content (N, C, h, w) and style (N, S) -> images (N, 3, 2h, 2w) with values from -1 to 1."""
        # (N, 2 * BLOCKS, 2, C, 1, 1): mean, then standard deviation of each convolution's output
        statistics = self.statistics(style).view(len(style), 2 * BLOCKS, 2, -1, 1, 1)
        x = content
        for number in range(0, 2 * BLOCKS, 2):
            inner = F.relu(self._adapted(x, number, statistics))
            x = x + self._adapted(inner, number + 1, statistics)
        return torch.tanh(self.to_image(F.relu(self.norm(self.conv(self.enlarge(x))))))

    def _adapted(self, x: Tensor, number: int, statistics: Tensor) -> Tensor:
        """A convolution with adaptive instance norm (Huang and Belongie, ICCV 2017)."""
        mean, std = statistics[:, number].unbind(1)  # (N, C, 1, 1) each
        return F.instance_norm(self.blocks[number](x)) * std + mean


class ImageNorm(nn.Module):
    """Normalises each image over channels and places, by its unbiased standard deviation; scale and shift per channel.

    Args:
        channels (int): C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        std, mean = torch.std_mean(x.float() if x.dtype == torch.bfloat16 else x, (1, 2, 3), keepdim=True)
        return (x - mean) / (std + 1e-5) * self.weight[:, None, None] + self.bias[:, None, None]


def _conv(before: int, after: int, size: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, size, padding=size // 2, padding_mode='reflect')
