"""The first step of every pipeline: from a path to pixels."""

import math
import os.path as osp
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.files.images import UnknownRangeError, open_image, read_rgb
from haresreid.registry import TRANSFORMS

__all__ = ['LoadReIDImage', 'UnreadableImageError']


class UnreadableImageError(ValueError):
    """An image file that cannot be decoded."""


@TRANSFORMS.register_module()
class LoadReIDImage(BaseTransform):
    """Load ``img_path`` as RGB, whatever the file's own mode.

    Its orientation flag is ignored, as in the published protocols, which decode with Pillow. OpenCV decodes a JPEG file
    to the same pixels in less time. All other files, and JPEG files that OpenCV rejects, are decoded by Pillow. See
    :func:`haresreid.files.images.to_rgb` for grey images of more than 8 bits.

    Required keys: ``img_path``. Added keys: ``img`` ((H, W, 3) uint8 RGB), ``img_shape``.

    Args:
        thermal_range (Sequence[float], optional): (Low, high), the values that become black and white in grey images
            deeper than 8 bits, such as the counts of a thermal camera. All other images stay as they are. Defaults to
            None: the high byte of 16 bits is taken, and raw counts are refused.

    Raises:
        UnreadableImageError: If the file is missing, truncated, not an image, or holds raw counts and no range is
            given. The message names the file.
        ValueError: If ``thermal_range`` is not a range.
    """

    def __init__(self, thermal_range: Sequence[float] | None = None):
        if thermal_range is not None:
            thermal_range = _checked(thermal_range)
        self.thermal_range = thermal_range

    def transform(self, results: dict) -> dict:
        path = results['img_path']
        try:
            img = _read_jpeg(path)
            results['img'] = read_rgb(path, thermal_range=self.thermal_range) if img is None else img
        except ValueError as error:
            raise UnreadableImageError(f'{error}; {_advice(path, error)}') from error
        results['img_shape'] = results['img'].shape[:2]
        return results


def _checked(thermal_range: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = map(float, thermal_range)
    except (TypeError, ValueError):
        low = high = math.nan
    if not -math.inf < low < high < math.inf:
        raise ValueError(f'thermal_range must be (low, high), two numbers with low < high, got {thermal_range!r}.')
    return low, high


def _advice(path: str, error: ValueError) -> str:
    if isinstance(error, UnknownRangeError):
        return 'or tell LoadReIDImage in the pipelines of the config: thermal_range=(low, high).'
    if osp.exists(path):
        return 'replace the file.'
    return 'it is gone, as when a disk is unmounted: bring it back (an interrupted training goes on with --resume).'


def _read_jpeg(path: str) -> np.ndarray | None:
    """(H, W, 3) uint8 RGB of a complete JPEG file; None for every other file, which is left to Pillow."""
    with open_image(path) as image:  # OpenCV trusts whatever size a file claims
        if image.format not in ('JPEG', 'MPO'):
            return None
    content = Path(path).read_bytes()
    if not content.endswith(b'\xff\xd9'):  # OpenCV 4 fills the missing part of a truncated file with grey
        return None
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
