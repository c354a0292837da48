import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from haresreid.apis.inputs import open_images
from haresreid.datasets.transforms.load_reid_image import LoadReIDImage, UnreadableImageError
from haresreid.files.images import UnknownRangeError, orientation, read_any_rgb, read_rgb, to_rgb

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (20, 10, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (20, 10), dtype=np.uint16)


def grey(levels):
    """(H, W) -> three equal channels."""
    return np.repeat(np.asarray(levels)[..., None], 3, axis=2)


def tiff(samples: bytes, shape, bits: int, sample_format: int = 1, order: str = '<') -> bytes:
    """One uncompressed grey strip."""
    height, width = shape
    fields = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, bits),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, len(samples)),
        (339, 3, sample_format),
    ]
    entries = b''.join(
        struct.pack(order + ('HHII' if kind == 4 else 'HHIHxx'), tag, kind, 1, value) for tag, kind, value in fields
    )
    mark = b'II*\0' if order == '<' else b'MM\0*'
    return (
        mark
        + struct.pack(order + 'I', 8 + len(samples))
        + samples
        + struct.pack(order + 'H', len(fields))
        + entries
        + bytes(4)
    )


def png(width: int, height: int, bits: int, colour_type: int, rows: bytes) -> bytes:

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))

    header = struct.pack('>IIBBBBB', width, height, bits, colour_type, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')


def rows_of(samples: np.ndarray) -> bytes:
    """Unfiltered PNG rows of big-endian samples (H, ...)."""
    return b''.join(b'\0' + row.tobytes() for row in samples.astype('>u2'))


# none of these changes by what is done for deep grey: Pillow's own conversion to the last bit
@pytest.mark.parametrize('mode', ['RGB', 'L', '1', 'P', 'PA', 'LA', 'RGBA', 'CMYK', 'YCbCr'])
def test_8_bits_are_pillows(mode):
    image = Image.fromarray(PIXELS).convert('P' if mode == 'PA' else mode)
    image = image.convert('PA') if mode == 'PA' else image
    np.testing.assert_array_equal(
        np.asarray(to_rgb(image, thermal_range=(7000, 9000))), np.asarray(image.convert('RGB'))
    )


@pytest.mark.parametrize(
    'suffix, mode',
    [
        ('jpg', 'RGB'),
        ('jpg', 'L'),
        ('jpg', 'CMYK'),
        ('png', 'LA'),
        ('png', '1'),
        ('png', 'P'),
        ('bmp', 'RGB'),
        ('tif', 'CMYK'),
    ],
)
def test_8_bit_files_are_pillows(tmp_path, suffix, mode):
    path = tmp_path / f'a.{suffix}'
    Image.fromarray(PIXELS).convert(mode).save(path)
    np.testing.assert_array_equal(read_rgb(path), np.array(Image.open(path).convert('RGB')))


DEEP_FILES = {
    'a.png': png(10, 20, 16, 0, rows_of(DEEP)),
    'alpha.png': png(10, 20, 16, 4, rows_of(np.stack([DEEP, DEEP[::-1]], axis=2))),
    'colour.png': png(10, 20, 16, 2, rows_of(grey(DEEP))),
    'little.tif': tiff(DEEP.astype('<u2').tobytes(), DEEP.shape, 16),
    'big.tif': tiff(DEEP.astype('>u2').tobytes(), DEEP.shape, 16, order='>'),
}


@pytest.mark.parametrize('name', DEEP_FILES)
def test_16_bits_are_the_high_byte_in_grey_as_in_colour(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(DEEP_FILES[name])
    np.testing.assert_array_equal(read_rgb(path), grey(DEEP >> 8))
    opencv = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    # its TIFF reader rounds where the others cut
    assert np.abs(opencv.astype(int) - read_rgb(path)).max() <= (1 if path.suffix == '.tif' else 0)


@pytest.mark.parametrize('mode', ['I;16', 'I;16L', 'I;16B'])
def test_16_bits_in_memory(mode):
    image = Image.frombytes(mode, (10, 20), DEEP.astype('>u2' if mode == 'I;16B' else '<u2').tobytes())
    np.testing.assert_array_equal(np.asarray(to_rgb(image)), grey(DEEP >> 8))


@pytest.mark.parametrize('container', ['PNG', 'PPM'])
def test_16_bits_that_pillow_opens_with_32(container):
    image = Image.fromarray(DEEP.astype(np.int32))  # as older releases of Pillow open such a PNG
    image.format = container
    np.testing.assert_array_equal(np.asarray(to_rgb(image)), grey(DEEP >> 8))


def test_12_bits(tmp_path):
    counts = DEEP >> 4
    packed = np.packbits(np.unpackbits(counts.astype('>u2').view(np.uint8)).reshape(-1, 16)[:, 4:])
    (tmp_path / 'a.tif').write_bytes(tiff(packed.tobytes(), counts.shape, 12))
    np.testing.assert_array_equal(read_rgb(tmp_path / 'a.tif'), grey(DEEP >> 8))


RAW = {
    'int32': tiff(np.full((4, 2), 30000, '<i4').tobytes(), (4, 2), 32, 2),
    'uint32': tiff(np.full((4, 2), 30000, '<u4').tobytes(), (4, 2), 32, 1),
    'int16': tiff(np.full((4, 2), -40, '<i2').tobytes(), (4, 2), 16, 2),
    'float32': tiff(np.array([[20.5, np.nan]] * 4, '<f4').tobytes(), (4, 2), 32, 3),
    'big-endian float32': tiff(np.full((4, 2), 20.5, '>f4').tobytes(), (4, 2), 32, 3, '>'),
}


@pytest.mark.parametrize('kind', RAW)
def test_raw_counts_are_refused_by_name_with_the_way_out(tmp_path, kind):
    path = tmp_path / 'a.tif'
    path.write_bytes(RAW[kind])
    with pytest.raises(
        UnknownRangeError, match=r"'.*a.tif'.*from (30000|-40|20\.5) to .*8-bit grey, Image.fromarray"
    ) as caught:
        read_rgb(path)
    # the way out, followed to the letter
    advice = str(caught.value).partition('grey, ')[2].removesuffix(')')
    converted = eval(advice, dict(Image=Image, np=np, image=Image.open(path), low=-100, high=100))
    assert converted.mode == 'L'


@pytest.mark.parametrize(
    'values, expected',
    [
        (np.array([[7000, 8000, 9000], [0, 65535, 7100]], '<u2'), [[0, 128, 255], [0, 255, 13]]),
        (np.array([[7000, 8000, 9000], [-5, 10**6, 7100]], '<i4'), [[0, 128, 255], [0, 255, 13]]),
        (np.array([[7000, 8000, 9000], [np.nan, np.inf, -np.inf]], '<f4'), [[0, 128, 255], [0, 255, 0]]),
    ],
)
@pytest.mark.filterwarnings('error')
def test_a_thermal_range_scales_linearly_and_clips(tmp_path, values, expected):
    path = tmp_path / 'a.tif'
    path.write_bytes(tiff(values.tobytes(), values.shape, 8 * values.itemsize, dict(u=1, i=2, f=3)[values.dtype.kind]))
    np.testing.assert_array_equal(read_rgb(path, thermal_range=(7000, 9000)), grey(expected))


@pytest.mark.parametrize('flag', range(1, 9))
@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_upright_only_if_asked(tmp_path, flag, suffix):
    exif = Image.Exif()
    exif[0x112] = flag
    lying = np.tile(np.arange(0, 160, 8, dtype=np.uint8)[:, None], (1, 10)) + np.arange(0, 80, 8, dtype=np.uint8)
    Image.fromarray(lying).save(tmp_path / f'a.{suffix}', exif=exif)
    image = Image.open(tmp_path / f'a.{suffix}')
    rgb = np.array(image.convert('RGB'))
    standing = {
        1: rgb,
        2: rgb[:, ::-1],
        3: rgb[::-1, ::-1],
        4: rgb[::-1],
        5: rgb.swapaxes(0, 1),
        6: np.rot90(rgb, -1),
        7: rgb[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(rgb),
    }[flag]
    assert orientation(image) == flag
    np.testing.assert_array_equal(read_rgb(tmp_path / f'a.{suffix}'), rgb)
    np.testing.assert_array_equal(read_rgb(tmp_path / f'a.{suffix}', turn=True), standing)


def test_a_tiff_file_is_turned_once(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(PIXELS).save(tmp_path / 'a.tif', exif=exif)
    np.testing.assert_array_equal(read_rgb(tmp_path / 'a.tif', turn=True), np.rot90(PIXELS, -1))


@pytest.mark.parametrize(
    'exif', [b'Exif\0\0', b'Exif\0\0junk', b'Exif\0\0II*\0\xff\xff\xff\xff', b'Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01']
)
def test_a_damaged_flag_turns_nothing(tmp_path, exif):
    path = tmp_path / 'a.jpg'
    Image.fromarray(PIXELS).save(path, exif=exif)
    assert orientation(Image.open(path)) == 1
    assert read_rgb(path, turn=True).shape == PIXELS.shape


def test_a_side_of_millions_is_refused_unread(tmp_path):
    (tmp_path / 'long.png').write_bytes(png(16777216, 1, 1, 0, bytes(1 + 2**21)))
    assert (tmp_path / 'long.png').stat().st_size < 10_000
    with pytest.raises(ValueError, match=r"'.*long.png' \(16777216 x 1 pixels"):
        read_rgb(tmp_path / 'long.png')


def test_pictures_show_raw_counts_by_their_own_range(tmp_path):
    counts = np.array([[250, 290], [np.nan, 350]], '<f4')
    (tmp_path / 'a.tif').write_bytes(tiff(counts.tobytes(), counts.shape, 32, 3))
    np.testing.assert_array_equal(read_any_rgb(tmp_path / 'a.tif'), grey([[0, 102], [0, 255]]))
    (tmp_path / 'flat.tif').write_bytes(RAW['int32'])
    assert not read_any_rgb(tmp_path / 'flat.tif').any()
    (tmp_path / 'a.png').write_bytes(DEEP_FILES['a.png'])
    np.testing.assert_array_equal(read_any_rgb(tmp_path / 'a.png'), grey(DEEP >> 8))  # as a model sees it


@pytest.mark.parametrize('name', ['a.tif', 'B.TIFF', 'c.webp'])
def test_a_folder_of_a_thermal_cameras_files_is_read(tmp_path, name):
    Image.fromarray(PIXELS).save(tmp_path / name)
    assert open_images(tmp_path).names == [str(tmp_path / name)]


@pytest.mark.parametrize('width, height', [(20000, 20000), (65500, 65500)])
def test_a_jpeg_file_that_claims_a_giant_is_refused_undecoded(tmp_path, width, height):
    """OpenCV would fill it with grey, gigabytes of it."""
    Image.fromarray(PIXELS).save(tmp_path / 'a.jpg')
    content = bytearray((tmp_path / 'a.jpg').read_bytes())
    start = content.index(b'\xff\xc0') + 5  # of the height in the frame header
    content[start : start + 4] = struct.pack('>HH', height, width)
    (tmp_path / 'a.jpg').write_bytes(content)
    with pytest.raises(ValueError, match="'.*a.jpg'.*exceeds limit"):
        read_rgb(tmp_path / 'a.jpg')
    with pytest.raises(UnreadableImageError, match="'.*a.jpg'.*exceeds limit"):
        LoadReIDImage().transform(dict(img_path=str(tmp_path / 'a.jpg')))


@pytest.mark.skipif(os.name == 'nt', reason='the stand-in is a shell script')
def test_no_image_starts_another_program(tmp_path, monkeypatch):
    """Pillow hands PostScript to Ghostscript, and goes by content: the name does not show it."""
    started, ghostscript = tmp_path / 'started', tmp_path / 'gs'
    ghostscript.write_text(f'#!/bin/sh\ntouch {started}\n')
    ghostscript.chmod(0o755)
    monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
    path = tmp_path / 'a.jpg'
    Image.fromarray(PIXELS).save(path, 'EPS')
    with pytest.raises(ValueError, match="Cannot decode image '.*a.jpg'"):
        read_rgb(path)
    assert not started.exists()


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='no pipes in a folder')
def test_what_is_no_plain_file_is_refused_unopened(tmp_path):
    os.mkfifo(tmp_path / 'pipe.jpg')
    (tmp_path / 'device.jpg').symlink_to('/dev/zero')
    (tmp_path / 'folder.jpg').mkdir()
    for name in ('pipe.jpg', 'device.jpg', 'folder.jpg'):
        with pytest.raises(ValueError, match=rf"'.*{name}' \(it is no plain file"):
            read_rgb(tmp_path / name)
        with pytest.raises(UnreadableImageError, match=rf"'.*{name}' \(it is no plain file"):
            LoadReIDImage().transform(dict(img_path=str(tmp_path / name)))


@pytest.mark.parametrize(
    'error', [IndexError, KeyError, MemoryError, NotImplementedError, RecursionError, struct.error, zlib.error]
)
def test_whatever_pillow_makes_of_damage_names_the_file(tmp_path, monkeypatch, error):
    Image.fromarray(PIXELS).save(tmp_path / 'a.png')

    def fail(*_):
        raise error

    monkeypatch.setattr(Image.Image, 'convert', fail)
    with pytest.raises(ValueError, match=rf"'.*a.png' \({error.__name__}"):
        read_rgb(tmp_path / 'a.png')
