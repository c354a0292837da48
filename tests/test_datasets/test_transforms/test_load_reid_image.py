import cv2
import numpy as np
import pytest
from PIL import Image

from haresreid.datasets import LoadReIDImage
from haresreid.datasets.transforms import load_reid_image

PIXELS = np.random.RandomState(0).randint(0, 256, (20, 10, 3), dtype=np.uint8)


def load(path):
    return LoadReIDImage()(dict(img_path=str(path)))


def test_rgb_order(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / 'a.png')
    results = load(tmp_path / 'a.png')
    np.testing.assert_array_equal(results['img'], PIXELS)
    assert results['img'].dtype == np.uint8 and results['img_shape'] == (20, 10)


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'bmp'])
def test_grey_file_gets_three_equal_channels(tmp_path, suffix):
    grey = Image.fromarray(PIXELS[..., 0])
    grey.save(tmp_path / f'a.{suffix}')
    img = load(tmp_path / f'a.{suffix}')['img']
    assert img.shape == (20, 10, 3)
    assert (img == img[..., :1]).all()


TURNED = Image.Exif()
TURNED[0x112] = 6  # orientation: a quarter turn
JPEGS = {
    '4:2:0': ('RGB', dict(quality=75, subsampling=2)),
    '4:4:4': ('RGB', dict(quality=95, subsampling=0)),
    'coarse': ('RGB', dict(quality=10)),
    'progressive': ('RGB', dict(progressive=True)),
    'grey': ('L', {}),
    'four inks': ('CMYK', {}),
    'orientation flag': ('RGB', dict(exif=TURNED)),
}


@pytest.mark.parametrize('kind', JPEGS)
def test_jpeg_pixels_are_pillows(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(load_reid_image, 'read_rgb', None)  # OpenCV alone
    mode, options = JPEGS[kind]
    photo = cv2.resize(PIXELS, (51, 103), interpolation=cv2.INTER_CUBIC)
    Image.fromarray(photo).convert(mode).save(tmp_path / 'a.jpg', **options)
    expected = np.array(Image.open(tmp_path / 'a.jpg').convert('RGB')).astype(int)
    # both use libjpeg-turbo; one grey level is for the conversion of inks, and for another release in one of them
    assert np.abs(load(tmp_path / 'a.jpg')['img'] - expected).max() <= 1


def test_jpeg_with_bytes_after_its_end(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / 'a.jpg')
    expected = load(tmp_path / 'a.jpg')['img']
    (tmp_path / 'a.jpg').write_bytes((tmp_path / 'a.jpg').read_bytes() + b'\0\0\0')
    np.testing.assert_array_equal(load(tmp_path / 'a.jpg')['img'], expected)


def corrupt(path, kind):
    content = path.read_bytes()
    if kind == 'truncated':
        path.write_bytes(content[:len(content) // 2])
    elif kind == 'empty':
        path.write_bytes(b'')
    elif kind == 'text':
        path.write_text('no image')
    else:
        path.unlink()


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'bmp'])
@pytest.mark.parametrize('kind', ['truncated', 'empty', 'text', 'missing'])
def test_unreadable_file_is_named(tmp_path, suffix, kind):
    path = tmp_path / f'bad.{suffix}'
    Image.fromarray(np.tile(PIXELS, (10, 10, 1))).save(path)
    corrupt(path, kind)
    advice = 'it is gone.*--resume' if kind == 'missing' else "unreadable='skip'"
    with pytest.raises(ValueError, match=rf"Cannot decode image '.*bad.{suffix}'.*{advice}"):
        load(path)
