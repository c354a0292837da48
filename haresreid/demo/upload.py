"""Uploads from strangers: checks of format and size, decoding, and a private temporary folder."""

import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from haresreid.files.images import to_rgb, upright

__all__ = ['FORMATS', 'check_upload', 'megabytes', 'read_upload', 'temporary_folder']

FORMATS = {'JPEG': ('.jpg', '.jpeg'), 'PNG': ('.png',), 'BMP': ('.bmp',), 'WEBP': ('.webp',)}
MAX_PIXELS = 4096 * 4096
MAX_SIDE = 16384
MAX_SCANS = 30  # of a progressive JPEG file, which has about ten; each decodes the whole image, and takes a few bytes
KEPT_SIDE = 1024  # pixels; models take 288


def check_upload(name: str, content: bytes, max_bytes: int) -> None:
    """Refuse uploads that are not acceptable images. The content decides, not the name, and nothing is decoded.

    Args:
        name (str): Name of the file in messages.
        content (bytes): The file.
        max_bytes (int): The largest file that is accepted.

    Raises:
        ValueError: The file is too large, of another type, or too expensive to decode. The message is meant for the
            visitor.
    """
    if len(content) > max_bytes:
        raise ValueError(
            f'{name} has {megabytes(len(content))}, and at most {megabytes(max_bytes)} are taken: send a crop of '
            'the person.'
        )
    try:
        with _open(content) as image:
            width, height = image.size
            scans = content.count(b'\xff\xda') if image.format in ('JPEG', 'MPO') else 0  # MPO is JPEG files in a row
    except Exception as error:  # Pillow reports damage with many kinds of exceptions
        raise _no_image(name) from error
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ValueError(
            f'{name} has {width} x {height} pixels, and at most {MAX_SIDE:,} on a side and {MAX_PIXELS:,} in all '
            'are taken: send a crop of the person.'
        )
    if scans > MAX_SCANS:
        raise ValueError(f'{name} is a JPEG file of {scans} scans, and at most {MAX_SCANS} are taken: save it anew.')


def read_upload(
    name: str, content: bytes, max_bytes: int, thermal_range: tuple[float, float] | None = None
) -> np.ndarray:
    """Decode an uploaded image, upright and no larger than needed.

    Args:
        name (str): Name of the file in messages.
        content (bytes): The file.
        max_bytes (int): The largest file that is accepted.
        thermal_range (tuple[float, float], optional): See :func:`haresreid.files.images.to_rgb`. Defaults to None.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB, at most 1024 pixels on a side.

    Raises:
        ValueError: See :func:`check_upload`, or the file is damaged.
    """
    check_upload(name, content, max_bytes)
    try:
        with _open(content) as image:
            image.draft(None, (KEPT_SIDE, KEPT_SIDE))  # a JPEG file is decoded at a half, a quarter or an eighth
            pixels = upright(to_rgb(image, thermal_range), image)
    except Exception as error:
        raise _no_image(name) from error
    pixels.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(pixels)


def megabytes(number: int) -> str:
    """A size as text: '0.5 MB'."""
    return f'{number / 2**20:.3g} MB'


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A private folder for gradio's files. It is deleted when the block ends, also by SIGTERM."""

    def leave(number, _) -> None:
        raise SystemExit(128 + number)

    for name in ('SIGTERM', 'SIGHUP'):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    with TemporaryDirectory(prefix='haresreid_demo_') as folder:
        os.environ['GRADIO_TEMP_DIR'] = folder
        yield folder


def _open(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=list(FORMATS))


def _no_image(name: str) -> ValueError:
    return ValueError(f'{name} cannot be read as an image: {", ".join(FORMATS)} are taken.')
