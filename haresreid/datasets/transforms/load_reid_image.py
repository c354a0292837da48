"""The first step of every pipeline: from a path to pixels."""

import os.path as osp

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.utils.images import read_rgb

__all__ = ['LoadReIDImage', 'UnreadableImageError']


class UnreadableImageError(ValueError):
    """An image file that cannot be decoded."""


@TRANSFORMS.register_module()
class LoadReIDImage(BaseTransform):
    """Load ``img_path`` as RGB, whatever the file's own mode and orientation flag.

    The published protocols decode with Pillow. OpenCV decodes a JPEG file to the same pixels in less time; all other
    files, and those that OpenCV does not take, go to Pillow.

    Required keys: ``img_path``. Added keys: ``img`` ((H, W, 3) uint8 RGB), ``img_shape``.

    Raises:
        UnreadableImageError: The file is missing, truncated or no image; the message names it.
    """

    def transform(self, results: dict) -> dict:
        try:
            img = _read_jpeg(results['img_path'])
            results['img'] = read_rgb(results['img_path']) if img is None else img
        except ValueError as error:
            advice = ("replace the file, or build the data set with unreadable='skip' to go on without such images."
                      if osp.exists(results['img_path']) else
                      'it is gone, as when a disk is unmounted: bring it back, and go on with --resume.')
            raise UnreadableImageError(f'{error}; {advice}') from error
        results['img_shape'] = results['img'].shape[:2]
        return results


def _read_jpeg(path: str) -> np.ndarray | None:
    """(H, W, 3) uint8 RGB of a JPEG file that is there to its last byte; None for all others, which Pillow judges."""
    try:
        with open(path, 'rb') as file:
            content = file.read()
        # OpenCV 4 fills what a truncated file lacks with grey
        if not (content.startswith(b'\xff\xd8') and content.endswith(b'\xff\xd9')):
            return None
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    except (OSError, cv2.error):
        return None
