"""The discriminators of AlignGAN (Wang et al., ICCV 2019), after PatchGAN (Isola et al., CVPR 2017)."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule, NormalInit
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['ConditionalPatchDiscriminator', 'PatchDiscriminator']


@MODELS.register_module()
class PatchDiscriminator(BaseModule):
    """Convolutions that halve the image, instance norms behind all but the first, and a score for each place.

    Args:
        base_channels (int): Channels of the first convolution; each next one has twice as many. Defaults to 64.
        num_layers (int): Convolutions that halve the image. Defaults to 5.
    """

    def __init__(self, base_channels: int = 64, num_layers: int = 5) -> None:
        super().__init__(init_cfg=dict(type=NormalInit, layer='Conv2d', std=0.02))
        self.layers = nn.Sequential(
            *_first_layer(base_channels),
            *(layer for number in range(num_layers - 1) for layer in _layer(base_channels * 2**number)),
        )
        self.score = _score(base_channels * 2 ** (num_layers - 1))

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) -> scores (N, 1, h, w)."""
        return self.score(self.layers(images))


@MODELS.register_module()
class ConditionalPatchDiscriminator(BaseModule):
    """Judges whether an image is real and shows what the network's map says.

    The map, reduced to ``base_channels`` and brought to the size of the image's map, joins it in front of the last two
    of the convolutions that halve it.

    Args:
        feature_channels (int): Channels C of the network's map. Defaults to 2048.
        base_channels (int): See :class:`PatchDiscriminator`. Defaults to 64.
        num_layers (int): See :class:`PatchDiscriminator`. Defaults to 5.
    """

    def __init__(self, feature_channels: int = 2048, base_channels: int = 64, num_layers: int = 5) -> None:
        super().__init__(init_cfg=dict(type=NormalInit, layer='Conv2d', std=0.02))
        width = base_channels * 2 ** (num_layers - 3)
        self.of_images = nn.Sequential(
            *_first_layer(base_channels),
            *(layer for number in range(num_layers - 3) for layer in _layer(base_channels * 2**number)),
        )
        self.of_maps = nn.Sequential(nn.Conv2d(feature_channels, base_channels, 1), nn.LeakyReLU(0.2))
        self.of_both = nn.Sequential(*_layer(width + base_channels, 2 * width), *_layer(2 * width))
        self.score = _score(4 * width)

    def forward(self, images: Tensor, maps: Tensor) -> Tensor:
        """Images (N, 3, H, W) and maps (N, C, h, w) -> scores (N, 1, y, x)."""
        seen = self.of_images(images)
        known = F.interpolate(self.of_maps(maps), seen.shape[-2:], mode='bilinear', align_corners=False)
        return self.score(self.of_both(torch.cat((seen, known), 1)))


def _first_layer(channels: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(3, channels, 4, 2, 1), nn.LeakyReLU(0.2)


def _layer(before: int, after: int | None = None) -> tuple[nn.Module, ...]:
    after = after or 2 * before
    return nn.Conv2d(before, after, 4, 2, 1), nn.InstanceNorm2d(after), nn.LeakyReLU(0.2)


def _score(channels: int) -> nn.Conv2d:
    return nn.Conv2d(channels, 1, 3, padding=1, bias=False)
