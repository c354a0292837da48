"""The two-stream ResNet whose ResNet is that of CLIP (Radford et al., ICML 2021)."""

import torch.nn.functional as F
from mmpretrain.models.backbones.resnet import ResLayer
from torch import Tensor, nn

from haresreid.registry import MODELS

from .pretrained import WeightFormat
from .pretrained.formats import CLIP_RESNET
from .two_stream_resnet import TwoStreamResNet

__all__ = ['CLIPResNet']


class PooledConv2d(nn.Conv2d):
    """A point-wise convolution behind an average pooling, in the place of one with a stride."""

    pool: int

    @classmethod
    def of(cls, conv: nn.Conv2d, pool: int) -> 'PooledConv2d':
        """A convolution of the same size behind a pooling of ``pool`` x ``pool`` pixels."""
        pooled = cls(conv.in_channels, conv.out_channels, 1, bias=False)
        pooled.pool = pool
        return pooled

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H / pool, W / pool)."""
        return super().forward(F.avg_pool2d(x, self.pool))


@MODELS.register_module()
class CLIPResNet(TwoStreamResNet):
    """A :class:`TwoStreamResNet` with CLIP's stem of three convolutions, and average poolings in the place of strides.

    CLIP pools its last map by attention; here the head pools, so those weights are left out.
    """

    weight_formats: tuple[WeightFormat, ...] = (CLIP_RESNET,)

    def make_res_layer(self, **kwargs) -> ResLayer:
        """A stage of MMPretrain's ResNet, without strides."""
        layer = super().make_res_layer(**kwargs)
        first, stride = layer[0], kwargs['stride']
        if stride > 1:
            first.conv2.stride = (1, 1)
            first.conv3 = PooledConv2d.of(first.conv3, stride)
            first.downsample[0] = PooledConv2d.of(first.downsample[0], stride)
        return layer

    def _make_stem_layer(self, in_channels: int, base_channels: int) -> None:
        super()._make_stem_layer(in_channels, base_channels)
        half = base_channels // 2
        self.conv1 = nn.Sequential(
            nn.Conv2d(in_channels, half, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, half, 3, padding=1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, base_channels, 3, padding=1, bias=False),
        )
        self.maxpool = nn.AvgPool2d(2)
