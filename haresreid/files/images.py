"""The one reader of images: converts every mode and depth to RGB, names the file in errors, detects grey images."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

__all__ = [
    'GREY',
    'IMAGE_EXTENSIONS',
    'MAX_SIDE',
    'UnknownRangeError',
    'colourfulness',
    'extremes',
    'is_deep',
    'open_image',
    'orientation',
    'read_any_rgb',
    'read_rgb',
    'to_rgb',
    'upright',
]

IMAGE_EXTENSIONS = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')  # thermal cameras write TIFF
# The formats accepted by content, whatever the file's name; none that Pillow hands to another program, as PostScript.
FORMATS = ('BMP', 'GIF', 'JPEG', 'JPEG2000', 'PNG', 'PPM', 'TIFF', 'WEBP')
GREY = 2  # the colourfulness that compression may leave in a grey image
MAX_SIDE = 65535  # pixels, JPEG's limit: a file of a few KB may claim millions, which every later step would pay for
ORIENTATION = 0x112  # EXIF tag
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnknownRangeError(ValueError):
    """A grey image holds raw counts, and it is unknown which values are black and white."""


def read_rgb(path: str | Path, turn: bool = False, thermal_range: tuple[float, float] | None = None) -> np.ndarray:
    """Decode an image file to RGB.

    Args:
        path (str | Path): Image file. :func:`to_rgb` describes how its mode is converted.
        turn (bool): Rotate it upright by its EXIF orientation, as photographs of phones need. The published protocols
            read their data sets without this. Defaults to False.
        thermal_range (tuple[float, float], optional): See :func:`to_rgb`. Defaults to None.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB.

    Raises:
        UnknownRangeError: If it holds raw counts and ``thermal_range`` is None; the message names the file.
        ValueError: If the file is missing, truncated, too long on a side, or not an image; the message names it.
    """
    with open_image(path) as image:
        rgb = to_rgb(image, thermal_range)
        return np.array(upright(rgb, image) if turn else rgb)  # (H, W, 3)


@contextmanager
def open_image(path: str | Path) -> Iterator[Image.Image]:
    """Open an image file. Any error in the block, such as a decoding error, becomes one that names the file.

    Raises:
        UnknownRangeError: See :func:`to_rgb`.
        ValueError: If the file is missing, not a regular file, too long on a side, damaged, or not an image.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # reading a pipe may block, and a device never ends
            raise ValueError('it is no plain file')
        with Image.open(path, formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError(f'{image.width} x {image.height} pixels, at most {MAX_SIDE:,} are read on a side')
            yield image
    except Exception as error:  # Pillow raises all kinds of errors on damaged files
        kind = UnknownRangeError if isinstance(error, UnknownRangeError) else ValueError
        raise kind(f'Cannot decode image {str(path)!r} ({str(error) or type(error).__name__})') from error


def read_any_rgb(path: str | Path, turn: bool = False) -> np.ndarray:
    """Like :func:`read_rgb`, but raw counts are scaled from their own lowest to their own highest value.

    Meant for figures and descriptors, never for the input of a model.

    Args:
        path (str | Path): Image file.
        turn (bool): See :func:`read_rgb`. Defaults to False.

    Raises:
        ValueError: See :func:`read_rgb`.
    """
    try:
        return read_rgb(path, turn)
    except UnknownRangeError:
        with open_image(path) as image:
            low, high = extremes(image)
        return read_rgb(path, turn, (low, max(high, low + 1)))


def to_rgb(image: Image.Image, thermal_range: tuple[float, float] | None = None) -> Image.Image:
    """Convert an image to RGB. Pillow's own ``convert`` would turn grey deeper than 8 bits white.

    Grey gets three equal channels, and transparency is dropped. For 16-bit images, grey or colour, the high byte is
    taken, as Pillow and OpenCV do for colour.

    Args:
        image (Image.Image): An image of any mode.
        thermal_range (tuple[float, float], optional): The values that become black and white in grey images deeper than
            8 bits. Values between are scaled linearly, values beyond are clipped, and NaN is black. Other images are
            not affected. Defaults to None: 16 bits as above, and raw counts (32 bits, signed, floating point) are
            refused.

    Raises:
        UnknownRangeError: If the image holds raw counts and no range is given.
    """
    if not is_deep(image):
        return image.convert('RGB')
    values = np.asarray(image)  # (H, W)
    if thermal_range is not None:
        values = np.nan_to_num(np.interp(values, thermal_range, (0, 255))).round()
    elif image.mode == 'F' or (image.mode == 'I' and image.format not in ('PNG', 'PPM')):  # both have 16 bits at most
        kind = 'floating-point' if image.mode == 'F' else '32-bit or signed'
        low, high = extremes(image)
        raise UnknownRangeError(
            f'it holds raw counts, {kind} grey from {low:g} to {high:g}, and nothing says '
            'which are black and white: save it as 8-bit grey, '
            "Image.fromarray(np.interp(np.array(image), (low, high), (0, 255)).astype('uint8'))"
        )
    else:
        values = values >> (_bits(image) - 8)
    return Image.fromarray(values.astype(np.uint8)).convert('RGB')


def extremes(image: Image.Image) -> tuple[float, float]:
    """The lowest and the highest value of a grey image, ignoring NaN."""
    values = np.asarray(image)  # (H, W)
    return np.fmin.reduce(values, axis=None).item(), np.fmax.reduce(values, axis=None).item()


def is_deep(image: Image.Image) -> bool:
    """Whether an image is grey with more than 8 bits."""
    return image.mode[0] in 'IF'


def _bits(image: Image.Image) -> int:
    """Bits of a deep grey image: 12 for a 12-bit TIFF file, which Pillow does not scale, else 16."""
    return image.tag_v2[258][0] if isinstance(image, TiffImageFile) else 16


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) to 8; 1 if it is missing or damaged.

    Args:
        image (Image.Image): The image as opened. On loading, Pillow rotates TIFF files and drops their flag.
    """
    try:
        flag = image.getexif().get(ORIENTATION, 1)
    except Exception:  # Pillow raises all kinds of errors on damaged files
        return 1
    return flag if flag in TURNS else 1


def upright(pixels: Image.Image, image: Image.Image) -> Image.Image:
    """Rotate pixels upright by the file's orientation flag.

    Args:
        pixels (Image.Image): The image's pixels, in any mode.
        image (Image.Image): The opened and loaded image, with its flag.
    """
    flag = orientation(image)
    return pixels.transpose(TURNS[flag]) if flag in TURNS else pixels


def colourfulness(image: np.ndarray) -> float:
    """Mean difference of a pixel's largest and smallest channel, 0..255: 0 if the three channels are equal.

    Args:
        image (np.ndarray): (H, W, 3) uint8 RGB.
    """
    return float(np.ptp(image, axis=2).mean())
