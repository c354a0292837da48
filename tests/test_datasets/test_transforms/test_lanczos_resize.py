import cv2
import numpy as np
import pytest
from PIL import Image

from haresreid.datasets import LanczosResize


def smooth(height, width, seed):
    noise = np.random.RandomState(seed).randint(0, 256, (height // 4 + 2, width // 4 + 2, 3), dtype=np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def noise(height, width, seed):
    return np.random.RandomState(seed).randint(0, 256, (height, width, 3), dtype=np.uint8)


def pillow(img):
    return np.array(Image.fromarray(img).resize((144, 288), Image.Resampling.LANCZOS))


def grey(height, width, seed):
    return np.repeat(noise(height, width, seed)[..., :1], 3, axis=2)


def grey_at_the_top(height, width, seed):
    img = noise(height, width, seed)
    img[0] = img[0, :, :1]
    return img


@pytest.mark.parametrize('make', [smooth, noise, grey, grey_at_the_top])
@pytest.mark.parametrize('height, width', [(417, 171), (200, 90), (600, 97), (96, 400), (288, 101), (333, 144), (3, 2)])
def test_equals_pillow(make, height, width):
    img = make(height, width, seed=height)
    results = LanczosResize((288, 144))(dict(img=img))
    np.testing.assert_array_equal(results['img'], pillow(img))
    assert results['img'].dtype == np.uint8 and results['img_shape'] == (288, 144)


def test_overshoot_is_cut_off_between_the_passes():
    """Black and white stripes both ways: without the cut after the rows the columns would see 280 and -25."""
    img = np.repeat(
        np.kron(np.indices((9, 7)).sum(axis=0) % 2 * 255, np.ones((20, 20))).astype(np.uint8)[..., None], 3, 2
    )
    np.testing.assert_array_equal(LanczosResize((288, 144))(dict(img=img))['img'], pillow(img))


def test_an_image_of_the_size_passes_unchanged():
    img = noise(40, 20, seed=0)
    assert LanczosResize((40, 20))(dict(img=img))['img'] is img
