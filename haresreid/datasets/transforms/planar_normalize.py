"""Normalisation that leaves an image as the tensor will be in memory."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import Normalize

from haresreid.registry import TRANSFORMS

__all__ = ['PlanarNormalize']


@TRANSFORMS.register_module()
class PlanarNormalize(Normalize):
    """Subtract the channel's mean and divide by its standard deviation, writing one channel after the other.

    The result is (H, W, 3) as any image, for the steps that follow, but a view of (3, H, W): :class:`PackReIDInputs`
    need not move it.

    Required keys: ``img`` ((H, W, 3) uint8 RGB). Modified keys: ``img`` (float32). Added keys: ``img_norm_cfg``.

    Args:
        mean (Sequence[float]): Of the three channels, in grey levels.
        std (Sequence[float]): The same.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]):
        super().__init__(mean, std, to_rgb=False)

    def transform(self, results: dict) -> dict:
        # OpenCV takes channels apart faster than NumPy reads them with gaps
        planes = np.array(cv2.split(np.ascontiguousarray(results['img'])), dtype=np.float32)  # (3, H, W)
        planes -= self.mean[:, None, None]
        planes *= 1 / self.std[:, None, None]
        results['img'] = np.moveaxis(planes, 0, -1)  # (H, W, 3)
        results['img_norm_cfg'] = dict(mean=self.mean, std=self.std, to_rgb=False)
        return results
