"""The light generator of X-modality (Li et al., AAAI 2020)."""

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .third_modality import ThirdModality

__all__ = ['XModalityGenerator']


@MODELS.register_module()
class XModalityGenerator(ThirdModality):
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

    def translate(self, images: Tensor) -> Tensor:
        """The X images."""
        return self.decoder(F.relu(self.encoder(images.movedim(1, -1)))).movedim(-1, 1)  # (V, 3, H, W)
