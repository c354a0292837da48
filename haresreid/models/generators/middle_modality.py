"""Generator of the middle modality (MMN, Zhang et al., ACM MM 2021)."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import by_modality

__all__ = ['MiddleModalityGenerator']


@MODELS.register_module()
class MiddleModalityGenerator(nn.Module):
    """A middle image beside each image: an encoder per modality to one channel, a decoder of both to three.

    The encoders are pixel-wise and non-linear. All weights start at 0.333 and all biases at 0, as in the released code,
    so the first middle images are close to grey ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self.visible, self.infrared = _encoder(), _encoder()
        self.decoder = nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.constant_(module.weight, 0.333)
                nn.init.zeros_(module.bias)

    def forward(self, images: Tensor, batch: ReIDBatch) -> tuple[Tensor, ReIDBatch]:
        """The images (N, 3, H, W), and behind them their middle images: (2 N, 3, H, W).

        The middle image of a visible image has modality 2, that of an infrared one modality 3.

        Raises:
            ValueError: If a row is neither visible nor infrared.
        """
        codes = by_modality(self.visible, self.infrared, images, batch, self.training)  # (N, 1, H, W)
        return torch.cat((images, self.decoder(codes))), batch.repeat(2, step=2)


def _encoder() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 1, 1), nn.ReLU(), nn.Conv2d(1, 1, 1), nn.ReLU(), nn.BatchNorm2d(1))
