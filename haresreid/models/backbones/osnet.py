"""OSNet, a light network made for person re-identification (Zhou et al., ICCV 2019)."""

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .pretrained import load_pretrained, normalization_of
from .pretrained.formats import OSNET
from .resnet_encoder import EncoderStage
from .stages import last_map

__all__ = ['OSNet']

REDUCTION = 4  # of a block's inner width
GATE_REDUCTION = 16


class Conv(nn.Module):
    """Convolution, batch norm, and ReLU unless ``linear``."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int = 1, stride: int = 1, linear: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(out_channels)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x))
        return x if self.linear else F.relu(x)


class LightConv(nn.Module):
    """A 3x3 convolution made of a point-wise and a depth-wise one."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv2(self.conv1(x))))


class ChannelGate(nn.Module):
    """Scale each channel by a number between 0 and 1 that depends on the means of all channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // GATE_REDUCTION, 1)
        self.fc2 = nn.Conv2d(channels // GATE_REDUCTION, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))).sigmoid()


class OmniScaleBlock(nn.Module):
    """Residual block of four branches, of one to four light convolutions, which share one gate."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        inner = out_channels // REDUCTION
        self.conv1 = Conv(channels, inner)
        self.conv2a = LightConv(inner)
        self.conv2b, self.conv2c, self.conv2d = (
            nn.Sequential(*(LightConv(inner) for _ in range(count))) for count in (2, 3, 4)
        )
        self.gate = ChannelGate(inner)
        self.conv3 = Conv(inner, out_channels, linear=True)
        self.downsample = Conv(channels, out_channels, linear=True) if channels != out_channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H, W)."""
        inner = self.conv1(x)
        scales = sum(self.gate(branch(inner)) for branch in (self.conv2a, self.conv2b, self.conv2c, self.conv2d))
        return F.relu(self.conv3(scales) + self.downsample(x))


@MODELS.register_module()
class OSNet(BaseModule):
    """OSNet, shared by both modalities; parameters are named as in deep-person-reid.

    Its four stages are the stem and three of two blocks each. The map is a sixteenth of the image's size.

    Args:
        channels (Sequence[int]): Of the stem and the three stages. Defaults to (64, 256, 384, 512), OSNet x1.0.
        pretrained (str, optional): Weights of deep-person-reid; see :func:`fetch_weights`. Defaults to None: from
            scratch.
    """

    normalization_of = staticmethod(normalization_of)

    def __init__(self, channels: Sequence[int] = (64, 256, 384, 512), pretrained: str | None = None) -> None:
        super().__init__()
        self.pretrained = pretrained
        self.conv1 = Conv(3, channels[0], kernel=7, stride=2)
        stages = [[OmniScaleBlock(before, width), OmniScaleBlock(width, width)] for before, width in pairwise(channels)]
        for stage, width in zip(stages[:2], channels[1:]):
            stage.append(nn.Sequential(Conv(width, width), nn.AvgPool2d(2)))
        self.conv2, self.conv3, self.conv4 = (nn.Sequential(*stage) for stage in stages)
        self.conv5 = Conv(channels[-1], channels[-1])
        self.encoder_stages = nn.ModuleList(EncoderStage(self, number) for number in range(4))

    def stages(self) -> dict[str, nn.Module]:
        """``stem`` and ``stage1`` to ``stage3``, each called as ``stage(x, batch)``; its output is the stage's map."""
        return dict(zip(('stem', 'stage1', 'stage2', 'stage3'), self.encoder_stages))

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The last map, (B, D, H/16, W/16), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.
        """
        return last_map(self.encoder_stages, inputs, batch)

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage. All modalities share every weight, so ``batch`` is unused."""
        if stage == 0:
            return F.max_pool2d(self.conv1(x), 3, stride=2, padding=1)
        x = (self.conv2, self.conv3, self.conv4)[stage - 1](x)
        return self.conv5(x) if stage == 3 else x

    def init_weights(self) -> None:
        super().init_weights()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
        if self.pretrained is not None:
            load_pretrained(self, self.pretrained, (OSNET,))
