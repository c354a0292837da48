"""The generator of AlignGAN (Wang et al., ICCV 2019): images translated into the other modality."""

from typing import ClassVar

from mmengine.model import BaseModule, NormalInit
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import ImageTranslator, by_modality, each_modality
from .style_exchange import in_the_other_modality

__all__ = ['ImageTranslationGenerator']


@MODELS.register_module()
class ImageTranslationGenerator(BaseModule):
    """Draws images in the other modality, by a network for each direction.

    Retrieval takes place among infrared images: in front of the backbone every visible image is translated.

    Args:
        base_channels (int): See :class:`ImageTranslator`. Defaults to 64.
        num_blocks (int): See :class:`ImageTranslator`. Defaults to 4.
    """

    training_only: ClassVar = ('translators.visible',)
    needs_modalities = True

    def __init__(self, base_channels: int = 64, num_blocks: int = 4) -> None:
        super().__init__(init_cfg=dict(type=NormalInit, layer=['Conv2d', 'ConvTranspose2d'], std=0.02))
        # by the modality that they draw in
        self.translators = nn.ModuleDict(
            {modality.name.lower(): ImageTranslator(base_channels, num_blocks) for modality in Modality}
        )

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The images (N, 3, H, W), visible ones drawn in infrared; the rows stay as they are."""
        return by_modality(self.translators['infrared'], nn.Identity(), images, batch, self.training), batch

    def exchange(self, images: Tensor, batch: ReIDBatch) -> dict[str, Tensor]:
        """Draw every image in either modality.

        Args:
            images (Tensor): (N, 3, H, W), values from -1 to 1.
            batch (ReIDBatch): Their rows.

        Returns:
            dict[str, Tensor]: A row for each image of ``images``; ``reconstructed``, drawn in its own modality;
            ``exchanged``, in the other one; ``returned``, the exchanged image drawn in the image's own modality.
        """
        exchanged = self.draw(images, in_the_other_modality(batch))
        return dict(
            images=images,
            reconstructed=self.draw(images, batch),
            exchanged=exchanged,
            returned=self.draw(exchanged, batch),
        )

    def draw(self, images: Tensor, batch: ReIDBatch) -> Tensor:
        """Images (N, 3, H, W) drawn in the modalities of ``batch``."""

        def translate(own: Tensor, rows: ReIDBatch) -> Tensor:
            return self.translators[Modality(int(rows.modalities[0])).name.lower()](own)

        return each_modality(translate, batch, images)
