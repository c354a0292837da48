"""Normalisation that writes an image in the memory layout of the later tensor."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import Normalize

from haresreid.registry import TRANSFORMS

__all__ = ['PlanarNormalize']


@TRANSFORMS.register_module()
class PlanarNormalize(Normalize):
    """Subtract each channel's mean and divide by its standard deviation, writing one channel after the other.

    For the following steps the result has the usual shape (H, W, 3), but it is a view of an array (3, H, W), so
    :class:`PackReIDInputs` need not copy it.

    Required keys: ``img`` ((H, W, 3) uint8 RGB). Modified keys: ``img`` (float32). Added keys: ``img_norm_cfg``.

    Args:
        mean (Sequence[float]): Means of the three channels, in grey levels.
        std (Sequence[float]): Their standard deviations, in grey levels.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]):
        super().__init__(mean, std, to_rgb=False)

    def transform(self, results: dict) -> dict:
        # OpenCV splits channels faster than NumPy reads them with a stride
        planes = np.array(cv2.split(np.ascontiguousarray(results['img'])), dtype=np.float32)  # (3, H, W)
        planes -= self.mean[:, None, None]
        planes *= 1 / self.std[:, None, None]
        results['img'] = np.moveaxis(planes, 0, -1)  # (H, W, 3)
        results['img_norm_cfg'] = dict(mean=self.mean, std=self.std, to_rgb=False)
        return results
