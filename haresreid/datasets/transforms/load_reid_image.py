"""Decoding, with an error that names the file."""

import numpy as np
from mmcv.transforms import BaseTransform
from PIL import Image

from haresreid.registry import TRANSFORMS

__all__ = ['LoadReIDImage', 'read_rgb']


def read_rgb(path: str) -> np.ndarray:
    """Decode an image file to RGB.

    Args:
        path (str): Image file. A grey image gets three equal channels.

    Returns:
        np.ndarray: (H, W, 3) uint8.

    Raises:
        ValueError: The file is missing, truncated or no image; the message names it.
    """
    try:
        with Image.open(path) as image:
            return np.array(image.convert('RGB'))  # (H, W, 3)
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow raises SyntaxError on a broken PNG chunk
        raise ValueError(f'Cannot decode image {path!r} ({error})') from error


@TRANSFORMS.register_module()
class LoadReIDImage(BaseTransform):
    """Load ``img_path`` with Pillow as RGB, whatever the file's own mode.

    Pillow and not OpenCV, because the published protocols decode and resize with Pillow.

    Required keys: ``img_path``. Added keys: ``img`` ((H, W, 3) uint8 RGB), ``img_shape``.
    """

    def transform(self, results: dict) -> dict:
        try:
            results['img'] = read_rgb(results['img_path'])
        except ValueError as error:
            raise ValueError(f"{error}; replace the file, or build the data set with unreadable='skip' to leave such "
                             'images out.') from error
        results['img_shape'] = results['img'].shape[:2]
        return results
