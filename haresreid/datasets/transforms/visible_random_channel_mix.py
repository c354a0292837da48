"""Random colour filter, for visible images only."""

import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

__all__ = ['VisibleRandomChannelMix']


@TRANSFORMS.register_module()
class VisibleRandomChannelMix(BaseTransform):
    """Replace a visible image by a random convex combination of its channels, in three equal channels.

    An infrared camera weighs the spectrum in a way that no fixed luminance formula captures. The weights are uniform on
    the simplex. Grey images and infrared images pass unchanged.

    Required keys: ``img`` ((H, W, 3) uint8 RGB), ``modality``. Modified keys: ``img``.

    Args:
        prob (float): Probability. Defaults to 0.5.
    """

    def __init__(self, prob: float = 0.5):
        self.prob = prob

    def transform(self, results: dict) -> dict:
        if results['modality'] == Modality.VISIBLE and np.random.rand() < self.prob:
            mixed = np.round(results['img'] @ np.random.dirichlet([1, 1, 1])).astype(np.uint8)  # (H, W)
            results['img'] = np.repeat(mixed[..., None], 3, axis=2)  # (H, W, 3)
        return results
