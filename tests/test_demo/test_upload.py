import io
import os
import signal
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from haresreid.demo import read_upload, temporary_folder

MB = 2**20
PIXELS = np.random.default_rng(0).integers(0, 255, (64, 48, 3), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def read(content: bytes, max_bytes: int = MB) -> np.ndarray:
    return read_upload('me.jpg', content, max_bytes)


def long_png(width: int) -> bytes:
    """One row of grey."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))

    header = struct.pack('>IIBBBBB', width, 1, 8, 0, 0, 0, 0)
    return (
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', header)
        + chunk(b'IDAT', zlib.compress(bytes(1 + width)))
        + chunk(b'IEND', b'')
    )


def many_scans(number: int, kind: str = 'JPEG') -> bytes:
    """A progressive JPEG file that repeats its last scan: each takes some bytes, and a pass over the image."""
    image = Image.new('L', (256, 256), 128)
    content = encoded(
        image, kind, progressive=True, **(dict(save_all=True, append_images=[image]) if kind == 'MPO' else {})
    )
    last = content[content.rfind(b'\xff\xc4') : -2]
    return content[:-2] + number * last + content[-2:]


@pytest.mark.parametrize('kind', ['PNG', 'BMP'])
def test_what_is_small_is_read_to_the_bit(kind):
    np.testing.assert_array_equal(read(encoded(Image.fromarray(PIXELS), kind)), PIXELS)


def test_what_is_large_is_reduced():
    assert read(encoded(Image.new('RGB', (2000, 4000)), 'JPEG')).shape == (1024, 512, 3)
    assert read(encoded(Image.new('L', (3000, 1500)), 'PNG')).shape == (512, 1024, 3)


def test_a_phones_portrait_stands():
    flag = Image.Exif()
    flag[0x112] = 6
    lying = encoded(Image.fromarray(PIXELS), 'JPEG', exif=flag)
    np.testing.assert_array_equal(read(lying), np.rot90(np.asarray(Image.open(io.BytesIO(lying))), -1))


def test_deep_grey_is_not_white():
    deep = encoded(Image.fromarray(np.full((9, 5), 0x40FF, np.uint16)), 'PNG')
    assert (read(deep) == 0x40).all()


@pytest.mark.parametrize(
    'content, message',
    [
        (b'this is no image', 'me.jpg cannot be read as an image: JPEG, PNG, BMP, WEBP are taken'),
        (b'', 'cannot be read as an image'),
        (encoded(Image.fromarray(PIXELS), 'GIF'), 'cannot be read as an image'),
        (encoded(Image.fromarray(PIXELS), 'TIFF'), 'cannot be read as an image'),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 'cannot be read as an image'),
        (encoded(Image.fromarray(PIXELS), 'PNG')[:2000], 'cannot be read as an image'),
        (encoded(Image.fromarray(PIXELS), 'JPEG', quality=95)[:1500], 'cannot be read as an image'),
        (bytes(MB + 1), r'has 1 MB, and at most 1 MB'),
        (encoded(Image.new('1', (9000, 9000)), 'PNG'), '9000 x 9000 pixels'),
        (long_png(16777216), r'16777216 x 1 pixels, and at most 16,384 on a side'),
        (many_scans(100), r'a JPEG file of 1\d\d scans, and at most 30'),
        (many_scans(100, 'MPO'), r'a JPEG file of 1\d\d scans, and at most 30'),
    ],
)
def test_refused_in_one_sentence(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


def test_half_a_megabyte_is_called_so():
    with pytest.raises(ValueError, match=r'at most 0\.5 MB'):
        read(bytes(MB), MB // 2)


@pytest.fixture
def handlers(monkeypatch):
    """Puts back what the process does on signals, and where gradio keeps files."""
    monkeypatch.setenv('GRADIO_TEMP_DIR', '')
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(os.name == 'nt', reason='no signals')
@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_folder_goes_with_the_program(number, handlers):
    with pytest.raises((SystemExit, KeyboardInterrupt)), temporary_folder() as folder:
        assert os.environ['GRADIO_TEMP_DIR'] == folder and os.stat(folder).st_mode & 0o77 == 0  # nobody else reads it
        Path(folder, 'a.png').touch()
        os.kill(os.getpid(), number)
        time.sleep(60)
    assert not Path(folder).exists()
