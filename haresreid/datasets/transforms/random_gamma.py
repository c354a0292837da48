"""Random exposure, for both modalities."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomGamma']


@TRANSFORMS.register_module()
class RandomGamma(BaseTransform):
    """Raise the image to a power whose logarithm is uniform in [-log(max_gamma), log(max_gamma)].

    Cameras of the two spectra expose differently, and without this a model trained from random weights takes brightness
    for identity. Black stays black and white stays white.

    Required keys: ``img`` (uint8). Modified keys: ``img``.

    Args:
        max_gamma (float): Strongest power, at least 1. Defaults to 1.5.
    """

    def __init__(self, max_gamma: float = 1.5):
        if max_gamma < 1:
            raise ValueError(f'max_gamma must be at least 1, got {max_gamma}.')
        self.max_gamma = max_gamma

    def transform(self, results: dict) -> dict:
        gamma = self.max_gamma ** np.random.uniform(-1, 1)
        table = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)  # (256,)
        results['img'] = cv2.LUT(results['img'], table)
        return results
