"""The published corruptions of visible images."""

import zlib

import cv2
import imagecorruptions
import numpy as np
import pytest

from haresreid.choices import VISIBLE_CORRUPTIONS
from haresreid.datasets.corruptions import CORRUPTIONS
from haresreid.datasets.corruptions.visible import SEEDED, VISIBLE, rain
from haresreid.structures import Modality


@pytest.fixture(scope='module')
def image() -> np.ndarray:
    """A gradient with a person-like block, 96 x 48."""
    y, x = np.mgrid[:96, :48]
    image = np.stack([2 * y, 5 * x, 255 - 2 * y], axis=2).astype(np.uint8)
    image[30:80, 15:33] = (200, 60, 30)
    return image


def test_the_names_are_the_packages_and_rain():
    assert {*VISIBLE_CORRUPTIONS} == {*imagecorruptions.get_corruption_names('all'), 'rain'}
    assert len(VISIBLE_CORRUPTIONS) == 20 and list(CORRUPTIONS[Modality.VISIBLE]) == list(VISIBLE_CORRUPTIONS)


@pytest.mark.parametrize('name', [name for name in VISIBLE_CORRUPTIONS if name != 'rain'])
@pytest.mark.parametrize('severity', [1, 5])
def test_equal_to_the_package_on_the_same_seed(image, name, severity):
    seed = zlib.crc32(name.encode()) % 1000
    np.random.seed(seed)
    ours = VISIBLE[name](image, severity)
    np.random.seed(seed)
    given = dict(seed=np.random.randint(2**31 - 1)) if name in SEEDED else {}
    theirs = imagecorruptions.corrupt(image, corruption_name=name, severity=severity, **given)
    assert ours.dtype == np.uint8 and np.array_equal(ours, theirs) and not np.array_equal(ours, image)


@pytest.mark.parametrize('name', VISIBLE_CORRUPTIONS)
def test_a_seed_determines_the_image(image, name):
    def drawn(seed):
        np.random.seed(seed)
        return VISIBLE[name](image, 2)

    assert np.array_equal(drawn(3), drawn(3))


def slow_rain(image, severity, draws):
    """The steps of albumentations 0.5.2 that CIL's code asks for, pixel by pixel where that is possible."""
    height, width = image.shape[:2]
    area, length = {1: (770, 10), 2: (600, 30), 3: (600, 30), 4: (500, 60), 5: (500, 60)}[severity]
    slant = int(draws.uniform(-10, 10))
    wet = image.copy()
    for _ in range(height * width // area):
        x = draws.randint(slant, width + 1) if slant < 0 else draws.randint(0, width - slant + 1)
        y = draws.randint(0, height - length + 1)
        cv2.line(wet, (x, y), (x + 10, y + length), (200, 200, 200), 1)
    wet = cv2.blur(wet, (2 + severity, 2 + severity))
    beta = -(0.05 + 0.05 * severity)
    out = np.empty_like(wet)
    for index, value in np.ndenumerate(wet):
        out[index] = int(min(max(np.float32(value) + np.float32(beta * 255), 0), 255))
    return out


@pytest.mark.parametrize('severity', range(1, 6))
def test_rain_equals_a_slow_reference(image, severity):
    np.random.seed(severity)
    ours = rain(image, severity)
    assert np.array_equal(ours, slow_rain(image, severity, np.random.RandomState(severity)))


def test_rain_needs_an_image_as_high_as_a_drop(image):
    with pytest.raises(ValueError, match='rain of severity 5 has drops of 60 pixels, and an image is 40 high.'):
        rain(image[:40], 5)
