"""Means and standard deviations that pretrained weights were trained with."""

from typing import NamedTuple

__all__ = ['CLIP', 'HALF', 'IMAGENET', 'LITE', 'LUPERSON', 'Normalization']


class Normalization(NamedTuple):
    """Mean and standard deviation of the three channels, red first, in grey levels."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET = Normalization((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
HALF = Normalization((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))  # images from -1 to 1
CLIP = Normalization((122.7709383, 116.7460125, 104.09373615), (68.5005327, 66.6321579, 70.32316305))
LUPERSON = Normalization((89.896, 79.2, 80.073), (63.872, 64.305, 63.839))
LITE = Normalization((127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
