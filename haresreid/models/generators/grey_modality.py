"""The grey images of HAT (Ye et al., TIFS 2021)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from haresreid.registry import MODELS

from .third_modality import ThirdModality

__all__ = ['GreyModalityGenerator']


@MODELS.register_module()
class GreyModalityGenerator(ThirdModality):
    """In training, the luminance of every visible image, in three equal channels, as an image of a third modality.

    It is that of the augmented image, by the weights of ITU-R 601 (0.299, 0.587, 0.114), normalised like the others.

    Args:
        mean (Sequence[float]): Means of the three channels by which the images were normalised, in grey levels.
        std (Sequence[float]): Their standard deviations, in grey levels.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        for name, values in dict(mean=mean, std=std, weights=(0.299, 0.587, 0.114)).items():
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)

    def translate(self, images: Tensor) -> Tensor:
        """The grey images."""
        grey = (self.weights * (images * self.std + self.mean)).sum(1, keepdim=True)  # (V, 1, H, W)
        return (grey - self.mean) / self.std  # (V, 3, H, W)
