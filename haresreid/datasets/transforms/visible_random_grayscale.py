"""Random loss of colour, for visible images only."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

__all__ = ['VisibleRandomGrayscale']


@TRANSFORMS.register_module()
class VisibleRandomGrayscale(BaseTransform):
    """Replace a visible image by its luminance, in three equal channels, so that a model cannot rely on colour.

    The weights are those of ITU-R 601 (0.299, 0.587, 0.114). Infrared images pass unchanged.

    Required keys: ``img`` ((H, W, 3) uint8 RGB), ``modality``. Modified keys: ``img``.

    Args:
        prob (float): Probability. Defaults to 0.5.
    """

    def __init__(self, prob: float = 0.5):
        self.prob = prob

    # Like MMCV's own transforms, all transforms here draw from NumPy's global generator. In training it is seeded for
    # every image (SeededIndex).
    def transform(self, results: dict) -> dict:
        if results['modality'] == Modality.VISIBLE and np.random.rand() < self.prob:
            grey = cv2.cvtColor(results['img'], cv2.COLOR_RGB2GRAY)  # (H, W)
            results['img'] = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)  # (H, W, 3)
        return results
