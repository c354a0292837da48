"""What a stranger sends: an image of a size and a format that we take, or one sentence."""

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ['FORMATS', 'read_upload']

FORMATS = {'JPEG': '.jpg', 'PNG': '.png', 'BMP': '.bmp', 'WEBP': '.webp'}
MAX_PIXELS = 4096 * 4096


def read_upload(path: str | Path, max_bytes: int) -> np.ndarray:
    """Decode an uploaded image. Its content decides what it is, not its name, and its size is known before it is decoded.

    Args:
        path (str | Path): The uploaded file.
        max_bytes (int): The largest file that is taken.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB.

    Raises:
        ValueError: The file is too large, of another type, or damaged; the message is meant for the one who sent it.
    """
    path = Path(path)
    size = path.stat().st_size
    if size > max_bytes:
        raise ValueError(f'{path.name} has {size / 2**20:.1f} MB, and at most {max_bytes / 2**20:.0f} MB are taken: send a '
                         'crop of the person.')
    try:
        with Image.open(path, formats=list(FORMATS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f'{path.name} has {image.width} x {image.height} pixels, and at most {MAX_PIXELS:,} are '
                                 'taken: send a crop of the person.')
            return np.asarray(image.convert('RGB'))  # (H, W, 3)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f'{path.name} cannot be read as an image: {", ".join(FORMATS)} are taken.') from error
