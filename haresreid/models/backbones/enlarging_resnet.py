"""A ResNet behind an image generator: the encoder of AlignGAN (Wang et al., ICCV 2019)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .pretrained.normalization import HALF, IMAGENET, Normalization
from .two_stream_resnet import TwoStreamResNet

__all__ = ['EnlargingResNet']


@MODELS.register_module()
class EnlargingResNet(TwoStreamResNet):
    """One ResNet for both modalities, which takes images with values from -1 to 1, as a generator draws them.

    It enlarges them, and normalises them as ImageNet's weights want it.

    Args:
        depth (int): See :class:`TwoStreamResNet`. Defaults to 50.
        base_channels (int): See :class:`TwoStreamResNet`. Defaults to 64.
        size (tuple[int, int], optional): (Height, width) that images are enlarged to, bilinearly. Defaults to None:
            they stay as they are.
        stem_relu (bool): See :class:`TwoStreamResNet`. Defaults to True.
        pretrained (str, optional): See :class:`TwoStreamResNet`. Defaults to None.
    """

    def __init__(
        self,
        depth: int = 50,
        base_channels: int = 64,
        size: tuple[int, int] | None = None,
        stem_relu: bool = True,
        pretrained: str | None = None,
    ) -> None:
        super().__init__(depth, base_channels, num_specific=0, stem_relu=stem_relu, pretrained=pretrained)
        self.size = size
        for name, values in IMAGENET._asdict().items():
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1) / 255, persistent=False)

    @staticmethod
    def normalization_of(cfg: Mapping) -> Normalization:
        """Values from -1 to 1, whatever its weights want: the network itself normalises as they do."""
        return HALF

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; stage 0 takes images with values from -1 to 1. See :meth:`ResNetEncoder.forward_stage`."""
        return super().forward_stage(self.prepare(x) if stage == 0 else x, stage, batch)

    def prepare(self, images: Tensor) -> Tensor:
        """What the first convolution sees of images (N, 3, H, W)."""
        if self.size is not None:
            images = F.interpolate(images, self.size, mode='bilinear', align_corners=False)
        return ((images + 1) / 2 - self.mean) / self.std
