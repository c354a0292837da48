"""Corruptions of infrared images."""

import numpy as np
import pytest

from haresreid.datasets.corruptions.infrared import INFRARED, dead_lines, defocus, low_contrast, saturation


@pytest.fixture(scope='module')
def image() -> np.ndarray:
    """A warm person before a cold wall, three equal channels."""
    grey = np.full((96, 48), 60)
    grey[20:90, 14:34] = 120 + np.arange(70)[:, None]
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def distances(function, image):
    """The mean distance to the image, of each severity."""
    found = []
    for severity in range(1, 6):
        np.random.seed(1)
        out = function(image.copy(), severity)
        assert out.shape == image.shape and out.dtype == np.uint8
        found.append(np.abs(out.astype(float) - image).mean())
    return found


@pytest.mark.parametrize('name', INFRARED)
def test_every_severity_is_worse_than_the_one_before(image, name):
    found = distances(INFRARED[name], image)
    assert found[0] > 0.4 and found == sorted(found) and found[-1] > 2 * found[0]


@pytest.mark.parametrize('name', [name for name in INFRARED if name != 'false_colours'])
def test_all_but_false_colours_stay_grey(image, name):
    out = INFRARED[name](image.copy(), 3)
    assert (out == out[..., :1]).all()


def test_false_colours_are_colours(image):
    out = INFRARED['false_colours'](image, 5)
    assert (out.max(axis=2) > out.min(axis=2)).mean() > 0.9


def test_saturation_by_hand(image):
    grey = image[..., 0].astype(float)
    assert np.array_equal(saturation(image, 3)[..., 0], np.minimum(np.round(2.0 * grey), 255))


def test_low_contrast_keeps_the_mean(image):
    out = low_contrast(image, 4)[..., 0].astype(float)
    grey = image[..., 0].astype(float)
    assert out.mean() == pytest.approx(grey.mean(), abs=0.5) and out.std() == pytest.approx(0.2 * grey.std(), rel=0.05)


def test_defocus_equals_a_loop_over_the_disk(image):
    """Severity 5 at 96 rows: a radius of 3.84 pixels."""
    grey = image[..., 0] / 255
    total = weights = 0
    for dy in range(-4, 5):
        for dx in range(-4, 5):
            weight = min(max(3.84 + 0.5 - (dy**2 + dx**2) ** 0.5, 0), 1)
            total += weight * grey[48 + dy, 24 + dx]
            weights += weight
    assert abs(int(defocus(image, 5)[48, 24, 0]) - 255 * total / weights) < 0.51


@pytest.mark.parametrize('severity, number', [(1, 1), (3, 6), (5, 22)])
def test_dead_lines_are_whole_rows_and_columns(image, severity, number):
    """Of 144 lines: shares of 0.01, 0.04 and 0.15."""
    np.random.seed(0)
    out = dead_lines(image, severity)[..., 0]
    dead = np.isin(out, (0, 255))
    rows, columns = dead.all(axis=1), dead.all(axis=0)
    assert rows.sum() + columns.sum() == number
    alive = ~rows[:, None] & ~columns
    assert np.array_equal(out[alive], image[..., 0][alive])
