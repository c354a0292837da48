"""Draws of corrupted test images."""

import numpy as np
import pytest

from haresreid.datasets import Corrupt
from haresreid.datasets.corruptions import CORRUPTIONS, corrupt_image
from haresreid.structures import Modality


@pytest.fixture
def item():
    img = np.random.RandomState(0).randint(0, 256, (64, 32, 3), dtype=np.uint8)
    return lambda index, modality=Modality.INFRARED: dict(img=img, modality=int(modality), sample_idx=index)


def test_the_other_modality_passes_unchanged(item):
    image = item(3, Modality.VISIBLE)
    assert Corrupt(Modality.INFRARED)(image)['img'] is image['img']


def test_draws_depend_on_seed_and_place_alone(item):
    step = Corrupt(Modality.INFRARED, seed=5)
    forward = [step(item(index))['img'] for index in range(6)]
    np.random.seed(99)
    backward = [Corrupt(Modality.INFRARED, seed=5)(item(index))['img'] for index in reversed(range(6))]
    assert all(np.array_equal(one, other) for one, other in zip(forward, reversed(backward)))
    others = [Corrupt(Modality.INFRARED, seed=6)(item(index))['img'] for index in range(6)]
    assert not any(np.array_equal(one, other) for one, other in zip(forward, others))


def test_the_global_generator_is_left_as_it_was(item):
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    Corrupt(Modality.INFRARED)(item(0))
    assert np.random.rand() == expected


def test_corruptions_and_severities_are_drawn_evenly(monkeypatch, item):
    drawn = []
    noted = {name: lambda image, severity, name=name: drawn.append((name, severity)) for name in 'abcd'}
    monkeypatch.setitem(CORRUPTIONS, Modality.INFRARED, noted)
    for index in range(2000):
        Corrupt(Modality.INFRARED)(item(index))
    names, severities = (np.array(column) for column in zip(*drawn))
    for name in 'abcd':
        assert 0.2 < (names == name).mean() < 0.3
        assert set(severities[names == name]) == {1, 2, 3, 4, 5}
    # a corruption by its name gets the severities that were drawn for 'any'
    drawn.clear()
    for index in range(50):
        Corrupt(Modality.INFRARED, 'b')(item(index))
    assert drawn == [('b', severity) for severity in severities[:50]]


def test_a_given_severity(item):
    image = item(7)
    np.random.seed((0, 7))
    expected = corrupt_image(image['img'], Modality.INFRARED, 'saturation', 4)
    assert np.array_equal(Corrupt(Modality.INFRARED, 'saturation', severity=4)(image)['img'], expected)
