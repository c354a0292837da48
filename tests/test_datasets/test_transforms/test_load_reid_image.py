import numpy as np
import pytest
from PIL import Image

from haresreid.datasets import LoadReIDImage

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
    with pytest.raises(ValueError, match=rf"Cannot decode image '.*bad.{suffix}'.*unreadable='skip'"):
        load(path)
