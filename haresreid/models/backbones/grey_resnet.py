"""The encoder of JSIA-ReID (Wang et al., AAAI 2020)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS

from .enlarging_resnet import EnlargingResNet

__all__ = ['GreyResNet']


@MODELS.register_module()
class GreyResNet(EnlargingResNet):
    """One ResNet for both modalities, without a ReLU in its stem, that sees every image in grey.

    An image is normalised as ImageNet's weights want it, and replaced by its luminance 0.2989 R + 0.587 G + 0.114 B of
    the normalised channels. The map of the first stage is the content from which a generator draws the image anew.

    Args:
        depth (int): See :class:`TwoStreamResNet`. Defaults to 50.
        base_channels (int): See :class:`TwoStreamResNet`. Defaults to 64.
        pretrained (str, optional): See :class:`TwoStreamResNet`. Defaults to None.
    """

    def __init__(self, depth: int = 50, base_channels: int = 64, pretrained: str | None = None) -> None:
        super().__init__(depth, base_channels, stem_relu=False, pretrained=pretrained)
        self.register_buffer('luminance', torch.tensor((0.2989, 0.587, 0.114)).view(3, 1, 1), persistent=False)

    def prepare(self, images: Tensor) -> Tensor:
        """What the first convolution sees of images (N, 3, H, W)."""
        return (self.luminance * super().prepare(images)).sum(1, keepdim=True).expand_as(images)
