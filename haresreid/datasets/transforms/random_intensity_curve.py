"""Random tone curve, for both modalities."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomIntensityCurve']


@TRANSFORMS.register_module()
class RandomIntensityCurve(BaseTransform):
    """Map intensities through a random curve, which may fall as well as rise.

    A garment that is darker than its neighbour in the visible spectrum may be brighter in the infrared. A model that
    sees every image under ever-changing curves has to match shapes and patterns instead of brightness. The curve is the
    mean of the identity and a polyline through ``num_knots`` equidistant knots with uniform random values. All channels
    share it.

    Required keys: ``img`` (uint8). Modified keys: ``img``.

    Args:
        prob (float): Probability. Defaults to 0.5.
        num_knots (int): Defaults to 5.
    """

    def __init__(self, prob: float = 0.5, num_knots: int = 5):
        self.prob = prob
        self.num_knots = num_knots

    def transform(self, results: dict) -> dict:
        if np.random.rand() < self.prob:
            levels = np.arange(256)
            knots = np.linspace(0, 255, self.num_knots)
            curve = np.interp(levels, knots, np.random.uniform(0, 255, self.num_knots))  # (256,)
            table = np.round((levels + curve) / 2).astype(np.uint8)  # (256,)
            results['img'] = cv2.LUT(results['img'], table)
        return results
