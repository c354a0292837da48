"""The discriminator of JSIA-ReID (Wang et al., AAAI 2020), which looks at an image at several scales."""

import itertools

import torch.nn.functional as F
from mmengine.model import BaseModule, NormalInit
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['MultiScaleDiscriminator']


@MODELS.register_module()
class MultiScaleDiscriminator(BaseModule):
    """Convolutions that halve the image, without norms, and a score for each place; at each scale a network of its own.

    Args:
        base_channels (int): Channels of the first convolution; each next one has twice as many. Defaults to 32.
        num_layers (int): Convolutions of a network. Defaults to 4.
        num_scales (int): Each is half of the one before. Defaults to 2.
    """

    def __init__(self, base_channels: int = 32, num_layers: int = 4, num_scales: int = 2) -> None:
        super().__init__(init_cfg=dict(type=NormalInit, layer='Conv2d', std=0.02))
        self.scales = nn.ModuleList(_network(base_channels, num_layers) for _ in range(num_scales))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Images (N, 3, H, W) -> scores (N, 1, h, w) of each scale."""
        scores = []
        for network in self.scales:
            scores.append(network(images))
            images = F.avg_pool2d(images, 3, 2, 1, count_include_pad=False)
        return scores


def _network(base_channels: int, num_layers: int) -> nn.Sequential:
    widths = [3, *(base_channels * 2**number for number in range(num_layers))]
    layers: list[nn.Module] = []
    for before, width in itertools.pairwise(widths):
        layers += [nn.Conv2d(before, width, 4, 2, 1, padding_mode='reflect'), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 1))
