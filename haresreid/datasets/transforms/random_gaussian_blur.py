"""Random blur."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomGaussianBlur']


@TRANSFORMS.register_module()
class RandomGaussianBlur(BaseTransform):
    """Blur the image by a Gaussian filter whose width is uniform in a range; the border is mirrored.

    Required keys: ``img`` ((H, W, 3) uint8). Modified keys: ``img``.

    Args:
        kernel_size (int): Pixels of the filter, an odd number. Defaults to 21.
        sigma (tuple[float, float]): Range of its standard deviation, in pixels. Defaults to (0.1, 3.0).
    """

    def __init__(self, kernel_size: int = 21, sigma: tuple[float, float] = (0.1, 3.0)):
        if kernel_size % 2 == 0 or kernel_size < 1:
            raise ValueError(f'kernel_size must be odd, not {kernel_size}.')
        self.kernel_size = kernel_size
        self.sigma = tuple(sigma)

    def transform(self, results: dict) -> dict:
        sigma = np.random.uniform(*self.sigma)
        results['img'] = cv2.GaussianBlur(results['img'], (self.kernel_size, self.kernel_size), sigma)
        return results
