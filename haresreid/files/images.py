"""The one reader of pictures: every mode and depth to RGB, errors that name the file, grey told from colour."""

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
# What is an image by content, whatever its name says; none that Pillow gives to another program, as PostScript.
FORMATS = ('BMP', 'GIF', 'JPEG', 'JPEG2000', 'PNG', 'PPM', 'TIFF', 'WEBP')
GREY = 2  # the colourfulness that compression may leave in a grey image
MAX_SIDE = (
    65535  # pixels, as many as JPEG has: a file of some KB may claim millions, and every step after pays for them
)
ORIENTATION = 0x112  # the tag of EXIF
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
    """A grey image of raw counts, of which nobody has said what is black and what is white."""


def read_rgb(path: str | Path, turn: bool = False, thermal_range: tuple[float, float] | None = None) -> np.ndarray:
    """Decode an image file to RGB.

    Args:
        path (str | Path): Image file. See :func:`to_rgb` for what becomes of its mode.
        turn (bool): Set it upright by its EXIF orientation, as a phone's photographs need; the published protocols read
            their data sets without. Defaults to False.
        thermal_range (tuple[float, float], optional): See :func:`to_rgb`. Defaults to None.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB.

    Raises:
        UnknownRangeError: It holds raw counts and ``thermal_range`` is None; the message names it.
        ValueError: The file is missing, truncated, too long on a side or no image; the message names it.
    """
    with open_image(path) as image:
        rgb = to_rgb(image, thermal_range)
        return np.array(upright(rgb, image) if turn else rgb)  # (H, W, 3)


@contextmanager
def open_image(path: str | Path) -> Iterator[Image.Image]:
    """Open an image file. What goes wrong with it in the block, as in decoding, becomes an error that names it.

    Raises:
        UnknownRangeError: See :func:`to_rgb`.
        ValueError: The file is missing, no plain file, too long on a side, damaged or no image.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for, a device never ends
            raise ValueError('it is no plain file')
        with Image.open(path, formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError(f'{image.width} x {image.height} pixels, at most {MAX_SIDE:,} are read on a side')
            yield image
    except Exception as error:  # what Pillow makes of damage has no end
        kind = UnknownRangeError if isinstance(error, UnknownRangeError) else ValueError
        raise kind(f'Cannot decode image {str(path)!r} ({str(error) or type(error).__name__})') from error


def read_any_rgb(path: str | Path, turn: bool = False) -> np.ndarray:
    """As :func:`read_rgb`, but raw counts are scaled from their own lowest to their own highest value.

    For pictures and descriptors, which no model is given.

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
    """The image in RGB. Pillow's own ``convert`` would turn grey deeper than 8 bits white.

    Grey gets three equal channels, and transparency is dropped. Of 16 bits, grey or colour, the high byte is taken, as
    Pillow and OpenCV do of colour.

    Args:
        image (Image.Image): Of any mode.
        thermal_range (tuple[float, float], optional): The values that are black and white in grey images deeper than 8
            bits; those between are scaled linearly, those beyond are clipped, NaN is black. Other images do not change.
            Defaults to None: 16 bits as above, and raw counts (32 bits, signed, floating point) are refused.

    Raises:
        UnknownRangeError: It holds raw counts, and there is no range.
    """
    if not is_deep(image):
        return image.convert('RGB')
    values = np.asarray(image)  # (H, W)
    if thermal_range is not None:
        values = np.nan_to_num(np.interp(values, thermal_range, (0, 255))).round()
    elif image.mode == 'F' or (image.mode == 'I' and image.format not in ('PNG', 'PPM')):  # which hold 16 bits at most
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
    """The lowest and the highest value of a grey image, beside NaN."""
    values = np.asarray(image)  # (H, W)
    return np.fmin.reduce(values, axis=None).item(), np.fmax.reduce(values, axis=None).item()


def is_deep(image: Image.Image) -> bool:
    """Whether an image is grey with more than 8 bits."""
    return image.mode[0] in 'IF'


def _bits(image: Image.Image) -> int:
    """12 of such a TIFF file, which Pillow does not scale; 16 of all others."""
    return image.tag_v2[258][0] if isinstance(image, TiffImageFile) else 16


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) to 8; 1 where there is none, or a damaged one.

    Args:
        image (Image.Image): As opened. Pillow turns TIFF files when it loads them, and then forgets their flag.
    """
    try:
        flag = image.getexif().get(ORIENTATION, 1)
    except Exception:  # what Pillow makes of damage has no end
        return 1
    return flag if flag in TURNS else 1


def upright(pixels: Image.Image, image: Image.Image) -> Image.Image:
    """Turn pixels as the file's orientation flag says.

    Args:
        pixels (Image.Image): Of the image, in any mode.
        image (Image.Image): As opened, and loaded, with its flag.
    """
    flag = orientation(image)
    return pixels.transpose(TURNS[flag]) if flag in TURNS else pixels


def colourfulness(image: np.ndarray) -> float:
    """Mean difference of a pixel's largest and smallest channel, 0..255: 0 where the three channels are equal.

    Args:
        image (np.ndarray): (H, W, 3) uint8 RGB.
    """
    return float(np.ptp(image, axis=2).mean())
