"""The base of generators that make a third modality of the visible images."""

import torch
from torch import Tensor, nn

from haresreid.structures import Modality, ReIDBatch

__all__ = ['THIRD', 'ThirdModality']

THIRD = 2  # its number beside those of Modality


class ThirdModality(nn.Module):
    """In training, an image of a third modality for every visible image. A subclass defines :meth:`translate`."""

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The images (N, 3, H, W), and in training behind them one for each of the V visible ones, in order."""
        if not self.training:
            return images, batch
        visible = batch.rows_of(Modality.VISIBLE)  # (V,)
        batch = batch.take(torch.cat((torch.arange(len(images)), visible)))
        batch.modalities[len(images) :] = THIRD
        return torch.cat((images, self.translate(images[visible]))), batch  # (N + V, 3, H, W)

    def translate(self, images: Tensor) -> Tensor:
        """Make images of the third modality of normalised visible ones, (V, 3, H, W) each."""
        raise NotImplementedError
