"""The generator of JSIA-ReID (Wang et al., AAAI 2020): images drawn in the other modality's style."""

from collections.abc import Callable
from typing import ClassVar

from mmengine.model import BaseModule, KaimingInit
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import StyleDecoder, StyleEncoder, each_modality, partners_of

__all__ = ['StyleExchangeGenerator', 'in_the_other_modality']


@MODELS.register_module()
class StyleExchangeGenerator(BaseModule):
    """Draws a person in the other modality, from the content of an image and the style of another one of that person.

    Each modality has an encoder of styles and a decoder. The content comes from the re-identification network, which
    the generator does not hold. Retrieval needs no generator: in front of the backbone it passes images unchanged.

    Args:
        content_channels (int): Channels of the content. Defaults to 256, those of a ResNet-50's first stage.
        base_channels (int): Of the style encoders, see :class:`StyleEncoder`. Defaults to 32.
        code_channels (int): Length of a style. Defaults to 128.
    """

    training_only: ClassVar = ('encoders', 'decoders')

    def __init__(self, content_channels: int = 256, base_channels: int = 32, code_channels: int = 128) -> None:
        super().__init__(init_cfg=dict(type=KaimingInit, layer=['Conv2d', 'Linear'], a=0, mode='fan_in'))
        names = [modality.name.lower() for modality in Modality]
        self.encoders = nn.ModuleDict({name: StyleEncoder(base_channels, code_channels) for name in names})
        self.decoders = nn.ModuleDict({name: StyleDecoder(content_channels, code_channels) for name in names})

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The same images and rows."""
        return images, batch

    def exchange(
        self, images: Tensor, batch: ReIDBatch, encode: Callable[[Tensor, ReIDBatch], Tensor]
    ) -> dict[str, Tensor]:
        """Draw every image anew, in its own modality and in the other one.

        Args:
            images (Tensor): (N, 3, H, W), values from -1 to 1.
            batch (ReIDBatch): Their rows; each identity has as many visible rows as infrared ones.
            encode (Callable): Content of images, (N, C, H / 2, W / 2).

        Returns:
            dict[str, Tensor]: A row for each image of ``images``; ``reconstructed``, drawn from its content and style;
            ``exchanged``, from its content and its partner's style; ``returned``, from the content of the exchanged
            image and its own style; ``content`` and ``exchanged_content``; ``partners_style`` and ``exchanged_style``.

        Raises:
            ValueError: If an image has no partner.
        """
        there, partner = in_the_other_modality(batch), partners_of(batch)
        content = encode(images, batch)
        style = self.style(images, batch)
        partners_style = style[partner]
        exchanged = self.draw(content, partners_style, there)
        exchanged_content = encode(exchanged, there)
        return dict(
            images=images,
            reconstructed=self.draw(content, style, batch),
            exchanged=exchanged,
            returned=self.draw(exchanged_content, style, batch),
            content=content,
            exchanged_content=exchanged_content,
            partners_style=partners_style,
            exchanged_style=self.style(exchanged, there),
        )

    def style(self, images: Tensor, batch: ReIDBatch) -> Tensor:
        """Styles (N, S) of images (N, 3, H, W), each by the encoder of its modality."""
        return each_modality(lambda own, rows: self.encoders[_name(rows)](own), batch, images)

    def draw(self, content: Tensor, style: Tensor, batch: ReIDBatch) -> Tensor:
        """Images (N, 3, H, W) of content (N, C, H / 2, W / 2) and style (N, S), in the modalities of ``batch``."""
        return each_modality(lambda own, code, rows: self.decoders[_name(rows)](own, code), batch, content, style)


def in_the_other_modality(batch: ReIDBatch) -> ReIDBatch:
    """The rows of the images that show the same people in the other modality."""
    return batch._replace(modalities=1 - batch.modalities)


def _name(batch: ReIDBatch) -> str:
    return Modality(int(batch.modalities[0])).name.lower()
