"""The discriminator of Hi-CMD (Choi et al., CVPR 2020)."""

from mmengine.model import NormalInit
from torch import nn

from haresreid.registry import MODELS

from ..layers.residual import Residual
from .multi_scale import MultiScaleDiscriminator

__all__ = ['ResidualMultiScaleDiscriminator']

NUM_BLOCKS = 4
SLOPE = 0.3


@MODELS.register_module()
class ResidualMultiScaleDiscriminator(MultiScaleDiscriminator):
    """A :class:`MultiScaleDiscriminator` whose networks halve the image twice, and have residual blocks behind that.

    Args:
        base_channels (int): Channels of the first convolutions; the residual blocks have twice as many. Defaults to 32.
        num_scales (int): Each is half of the one before. Defaults to 3.
    """

    def __init__(self, base_channels: int = 32, num_scales: int = 3) -> None:
        super(MultiScaleDiscriminator, self).__init__(init_cfg=dict(type=NormalInit, layer='Conv2d', std=0.02))
        self.scales = nn.ModuleList(_network(base_channels) for _ in range(num_scales))


def _network(base_channels: int) -> nn.Sequential:
    wide = 2 * base_channels
    shapes = [(3, base_channels, 1, 1), *((base_channels, base_channels, 3, stride) for stride in (1, 2, 1))]
    layers: list[nn.Module] = []
    for shape in [*shapes, (base_channels, wide, 3, 2)]:
        layers += [_conv(*shape), nn.LeakyReLU(SLOPE)]
    for _ in range(NUM_BLOCKS):
        layers.append(Residual(_conv(wide, wide, 3), nn.LeakyReLU(SLOPE), _conv(wide, wide, 3)))
    return nn.Sequential(*layers, nn.Conv2d(wide, 1, 1))


def _conv(before: int, after: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, size, stride, size // 2, padding_mode='reflect')
