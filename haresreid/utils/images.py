"""Decoding image files as the published protocols do, with an error that names the file; telling grey from colour."""

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ['GREY', 'IMAGE_EXTENSIONS', 'colourfulness', 'read_rgb']

IMAGE_EXTENSIONS = ('.jpg', '.jpeg', '.png', '.bmp')
GREY = 2  # the colourfulness that compression may leave in a grey image


def read_rgb(path: str | Path) -> np.ndarray:
    """Decode an image file to RGB.

    Args:
        path (str | Path): Image file. A grey image gets three equal channels.

    Returns:
        np.ndarray: (H, W, 3) uint8.

    Raises:
        ValueError: The file is missing, truncated or no image; the message names it.
    """
    try:
        with Image.open(path) as image:
            return np.array(image.convert('RGB'))  # (H, W, 3)
    # Pillow raises SyntaxError on a broken PNG chunk, and a DecompressionBombError before it decodes a giant
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f'Cannot decode image {str(path)!r} ({error})') from error


def colourfulness(image: np.ndarray) -> float:
    """Mean difference of a pixel's largest and smallest channel, 0..255: 0 where the three channels are equal.

    Args:
        image (np.ndarray): (H, W, 3) uint8.
    """
    return float(np.ptp(image, axis=2).mean())
