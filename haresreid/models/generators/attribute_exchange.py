"""The generator of Hi-CMD (Choi et al., CVPR 2020): images drawn with another image's pose and illumination."""

from collections.abc import Callable
from typing import ClassVar

from mmengine.model import BaseModule, KaimingInit
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import AttributeDecoder, partners_of
from ..layers.attribute_code import SLICES, exchanged_attributes, slices_of
from .style_exchange import in_the_other_modality

__all__ = ['AttributeExchangeGenerator']


@MODELS.register_module()
class AttributeExchangeGenerator(BaseModule):
    """Draws a person as another image of that person shows it: in the other modality, maybe in its pose.

    An image is drawn from its prototype, the shape, and its attributes: style, which belongs to the person, pose and
    illumination. Both come from the re-identification network, which the generator does not hold. Retrieval needs no
    generator: in front of the backbone it passes images unchanged.

    Args:
        content_channels (int): Channels of the prototypes. Defaults to 256.
        code_channels (int): Length of an attribute code, in four slices. Defaults to 2048.
        base_channels (int): See :class:`AttributeDecoder`. Defaults to 64.
    """

    training_only: ClassVar = ('decoder',)

    def __init__(self, content_channels: int = 256, code_channels: int = 2048, base_channels: int = 64) -> None:
        super().__init__(init_cfg=dict(type=KaimingInit, layer=['Conv2d', 'Linear'], a=0, mode='fan_in'))
        self.decoder = AttributeDecoder(content_channels, code_channels // SLICES, base_channels)

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The same images and rows."""
        return images, batch

    def exchange(
        self, images: Tensor, batch: ReIDBatch, encode: Callable[[Tensor, ReIDBatch], tuple[Tensor, Tensor]]
    ) -> dict[str, Tensor]:
        """Draw every image anew, as it is, and in the other modality in its partner's pose and in its own.

        Args:
            images (Tensor): (N, 3, H, W).
            batch (ReIDBatch): Their rows; each identity has as many visible rows as infrared ones.
            encode (Callable): Prototypes (N, C, H / 4, W / 4) and attributes (N, D) of images.

        Returns:
            dict[str, Tensor]: A row for each image of ``images``; ``reconstructed``; ``exchanged``, with its partner's
            pose and illumination; ``relit``, with its partner's illumination alone; ``returned``, the exchanged image
            with the image's own pose and illumination; ``partners``, what the exchanged image should be;
            ``attributes``; ``exchanged_attributes``, those seen in the exchanged image, and ``given_attributes``, those
            that it was drawn from.

        Raises:
            ValueError: If an image has no partner.
        """
        partner = partners_of(batch)
        prototypes, attributes = encode(images, batch)
        given = exchanged_attributes(attributes, attributes[partner], pose=True)
        exchanged = self.draw(prototypes, given)
        exchanged_prototypes, seen = encode(exchanged, in_the_other_modality(batch))
        return dict(
            images=images,
            reconstructed=self.draw(prototypes, attributes),
            exchanged=exchanged,
            relit=self.draw(prototypes, exchanged_attributes(attributes, attributes[partner], pose=False)),
            returned=self.draw(exchanged_prototypes, exchanged_attributes(seen, attributes, pose=True)),
            partners=images[partner],
            attributes=attributes,
            exchanged_attributes=seen,
            given_attributes=given,
        )

    def draw(self, prototypes: Tensor, attributes: Tensor) -> Tensor:
        """Images (N, 3, H, W) of prototypes (N, C, H / 4, W / 4) and attributes (N, D)."""
        return self.decoder(prototypes, slices_of(attributes))
