"""The encoder of JSIA-ReID (Wang et al., AAAI 2020)."""

from collections.abc import Mapping

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .pretrained.normalization import HALF, Normalization
from .two_stream_resnet import TwoStreamResNet

__all__ = ['GreyResNet']


@MODELS.register_module()
class GreyResNet(TwoStreamResNet):
    """One ResNet for both modalities, without a ReLU in its stem, that sees every image in grey.

    An image is normalised as ImageNet's weights want it, and replaced by its luminance 0.2989 R + 0.587 G + 0.114 B of
    the normalised channels. The map of the first stage is the content from which a generator draws the image anew.

    Args:
        depth (int): See :class:`TwoStreamResNet`. Defaults to 50.
        base_channels (int): See :class:`TwoStreamResNet`. Defaults to 64.
        pretrained (str, optional): See :class:`TwoStreamResNet`. Defaults to None.
    """

    def __init__(self, depth: int = 50, base_channels: int = 64, pretrained: str | None = None) -> None:
        super().__init__(depth, base_channels, num_specific=0, stem_relu=False, pretrained=pretrained)
        constants = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), luminance=(0.2989, 0.587, 0.114))
        for name, values in constants.items():
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)

    @staticmethod
    def normalization_of(cfg: Mapping) -> Normalization:
        """Values from -1 to 1, whatever its weights want: the network itself normalises as they do."""
        return HALF

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; stage 0 takes images with values from -1 to 1. See :meth:`ResNetEncoder.forward_stage`."""
        return super().forward_stage(self._grey(x) if stage == 0 else x, stage, batch)

    def _grey(self, images: Tensor) -> Tensor:
        normalised = ((images + 1) / 2 - self.mean) / self.std  # (N, 3, H, W)
        return (self.luminance * normalised).sum(1, keepdim=True).expand_as(images)
