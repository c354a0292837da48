"""Random mirror image."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomFlip']


@TRANSFORMS.register_module()
class RandomFlip(BaseTransform):
    """Mirror the image from left to right.

    Draws and pixels equal those of MMCV's transform of the same name, which returns a view that is slow to read.

    Required keys: ``img`` ((H, W, 3)). Modified keys: ``img``.

    Args:
        prob (float): Probability. Defaults to 0.5.
    """

    def __init__(self, prob: float = 0.5):
        self.prob = prob

    def transform(self, results: dict) -> dict:
        if np.random.rand() < self.prob:
            results['img'] = cv2.flip(results['img'], 1)
        return results
