import cv2
import numpy as np
import pytest
from PIL import Image

from haresreid.datasets import LoadReIDImage
from haresreid.datasets.transforms import load_reid_image
from haresreid.datasets.transforms.load_reid_image import UnreadableImageError

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
        path.write_bytes(content[: len(content) // 2])
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
    advice = 'it is gone' if kind == 'missing' else 'replace the file'
    with pytest.raises(ValueError, match=rf"Cannot decode image '.*bad.{suffix}'.*{advice}"):
        load(path)


def test_deep_grey_is_not_white_and_takes_the_cameras_range(tmp_path):
    counts = np.tile(np.array([7000, 8000, 9000], np.uint16), (4, 1))
    Image.fromarray(counts).save(tmp_path / 'a.png')
    assert load(tmp_path / 'a.png')['img'][0, :, 0].tolist() == [27, 31, 35]  # the high byte
    ranged = LoadReIDImage(thermal_range=[7000, 9000])
    assert ranged(dict(img_path=str(tmp_path / 'a.png')))['img'][0, :, 0].tolist() == [0, 128, 255]
    Image.fromarray(PIXELS).save(tmp_path / 'photo.png')
    np.testing.assert_array_equal(ranged(dict(img_path=str(tmp_path / 'photo.png')))['img'], PIXELS)


def test_raw_counts_are_refused_with_both_ways_out(tmp_path):
    path = tmp_path / 'a.tif'
    Image.fromarray(np.full((4, 3), 293.15, np.float32)).save(path)
    with pytest.raises(UnreadableImageError, match=r"'.*a.tif'.*8-bit grey.*thermal_range=\(low, high\)"):
        load(path)
    assert LoadReIDImage((273, 313))(dict(img_path=str(path)))['img'][0, 0].tolist() == [128] * 3


@pytest.mark.parametrize(
    'wrong', [(9000, 7000), (7000, 7000), (7000,), (0, float('nan')), (0, float('inf')), 7000, 'ab']
)
def test_a_thermal_range_is_two_numbers_in_order(wrong):
    with pytest.raises(ValueError, match=r'thermal_range must be \(low, high\)'):
        LoadReIDImage(thermal_range=wrong)
