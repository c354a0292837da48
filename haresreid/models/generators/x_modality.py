"""The light generator of X-modality (Li et al., AAAI 2020)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

__all__ = ['XModalityGenerator']

X = 2  # its number beside those of Modality


@MODELS.register_module()
class XModalityGenerator(nn.Module):
    """In training, an image of a third modality, X, for every visible image.

    A pixel's three channels become one number, and that becomes three again, with a ReLU between the two. As in the
    released code, the images are normalised ones, all weights start at 0.333 and all biases at 0.
    """

    training_only = ('encoder', 'decoder')

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(3, 1)
        self.decoder = nn.Linear(1, 3)
        for layer in (self.encoder, self.decoder):
            nn.init.constant_(layer.weight, 0.333)
            nn.init.zeros_(layer.bias)

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The images (N, 3, H, W), and in training behind them an X image for each of the V visible ones, in order."""
        if not self.training:
            return images, batch
        visible = batch.rows_of(Modality.VISIBLE)  # (V,)
        pixels = images[visible].movedim(1, -1)  # (V, H, W, 3)
        x_images = self.decoder(F.relu(self.encoder(pixels))).movedim(-1, 1)  # (V, 3, H, W)
        batch = batch.take(torch.cat((torch.arange(len(images)), visible)))
        batch.modalities[len(images) :] = X
        return torch.cat((images, x_images)), batch  # (N + V, 3, H, W)
