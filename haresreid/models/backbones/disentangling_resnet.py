"""The encoders of Hi-CMD (Choi et al., CVPR 2020), which tell a person's shape and style from pose and illumination."""

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import PrototypeEncoder, by_modality
from ..layers.attribute_code import style_of
from .two_stream_resnet import TwoStreamResNet

__all__ = ['DisentangledFeatures', 'DisentanglingResNet']


class DisentangledFeatures(NamedTuple):
    """What belongs to the person in each of N images.

    Attributes:
        prototype (Tensor): Map of the shape, (N, D_3, h, w).
        style (Tensor): The part of the attributes that belongs to the person, (N, D_4 / 2).
    """

    prototype: Tensor
    style: Tensor


@MODELS.register_module()
class DisentanglingResNet(TwoStreamResNet):
    """Two ways to see an image, each with an encoder per modality: prototypes, maps of shapes, and attributes.

    Attributes are the average of the last map of a whole ResNet. The prototypes of both modalities pass the second and
    the third stage of one more ResNet. ``pretrained`` weights are those of all these ResNets.

    Args:
        depth (int): See :class:`TwoStreamResNet`. Defaults to 50.
        base_channels (int): See :class:`TwoStreamResNet`. Defaults to 64.
        prototype_channels (int): Channels of the first convolution of a :class:`PrototypeEncoder`. Defaults to 32.
        dilations (Sequence[int]): See :class:`PrototypeEncoder`. Defaults to (3, 6, 9).
        pretrained (str, optional): See :class:`TwoStreamResNet`. Defaults to None.
    """

    added_parts = (*TwoStreamResNet.added_parts, 'prototype_encoders.', 'prototype_stages.')

    def __init__(
        self,
        depth: int = 50,
        base_channels: int = 64,
        prototype_channels: int = 32,
        dilations: Sequence[int] = (3, 6, 9),
        pretrained: str | None = None,
    ) -> None:
        super().__init__(depth, base_channels, strides=(1, 2, 2, 2), num_specific=5, pretrained=pretrained)
        self.prototype_encoders = nn.ModuleDict(
            {
                modality.name.lower(): PrototypeEncoder(prototype_channels, self.channels[0], dilations)
                for modality in Modality
            }
        )
        self.prototype_stages = nn.ModuleDict({name: deepcopy(getattr(self, name)) for name in ('layer2', 'layer3')})

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[DisentangledFeatures, ReIDBatch]:
        """What belongs to the person; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (N, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.
        """
        prototypes, attributes = self.encode(inputs, batch)
        for stage in self.prototype_stages.values():
            prototypes = stage(prototypes)
        return DisentangledFeatures(prototypes, style_of(attributes)), batch

    def encode(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, Tensor]:
        """Prototypes (N, D_1, H / 4, W / 4) and attributes (N, D_4) of images (N, 3, H, W)."""
        prototypes = by_modality(*self.prototype_encoders.values(), images, batch, self.training)
        (last,), _ = super().forward(images, batch)  # (N, D_4, h, w)
        return prototypes, last.mean((2, 3))

    def init_weights(self) -> None:
        super().init_weights()
        for name, stage in self.prototype_stages.items():
            stage.load_state_dict(getattr(self, name).state_dict())
