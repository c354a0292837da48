from collections import Counter

import numpy as np
import pytest

from haresreid.synvi.materials import Part, second_colour
from haresreid.synvi.twins import NUM_TWINS, draw_twin

ROWS_PER_BAND = 40
PEOPLE = range(1, 9)


def unrolled(pid, seed=0):
    """A cloak rolled out flat, bool (rows, columns), the hem at the bottom."""
    material = draw_twin(seed, pid).materials[Part.UPPER]
    rows = round(ROWS_PER_BAND * (len(material.bands) + 0.45))  # there is a gap more than there are bands
    axial, azimuth = np.meshgrid((np.arange(rows) + 0.5) / rows, np.linspace(-3, 3, 61), indexing='ij')
    return second_colour(material, azimuth.ravel(), axial.ravel(), np.ones(axial.size, bool)).reshape(axial.shape)


def patches(cloak, height):
    """How often each patch of this height, as wide as the cloak, occurs on it."""
    return Counter(cloak[top : top + height].tobytes() for top in range(len(cloak) - height + 1))


def test_patches_up_to_a_gap_s_height_are_the_same_on_all_cloaks():
    gap = int(0.45 * ROWS_PER_BAND)
    for height in (1, gap // 2, gap):
        first, *others = (patches(unrolled(pid), height) for pid in PEOPLE)
        assert len(first) >= 5 and all(other == first for other in others)


def test_patches_that_show_two_bands_are_not():
    bags = [patches(unrolled(pid), 2 * ROWS_PER_BAND) for pid in PEOPLE]
    assert not any(bags[i] == bags[j] for i in range(len(bags)) for j in range(i))


def test_nobody_has_the_cloak_of_another_and_all_have_one_body():
    people = [draw_twin(0, pid) for pid in range(1, NUM_TWINS + 1)]
    cloaks = {person.materials[Part.UPPER].bands for person in people}
    assert len(cloaks) == NUM_TWINS == 720 and {frozenset(bands) for bands in cloaks} == {frozenset(next(iter(cloaks)))}
    assert len({person[:-1] for person in people}) == 1
    for part, material in people[0].materials.items():
        if part != Part.UPPER:
            np.testing.assert_equal(people[1].materials[part], material)


def test_another_seed_deals_the_cloaks_to_others():
    assert any((unrolled(pid) != unrolled(pid, seed=1)).any() for pid in PEOPLE)


@pytest.mark.parametrize('spectrum', ['visible', 'nir'])
def test_the_bands_stand_out_in_both_spectra(spectrum):
    first, second = np.array(getattr(draw_twin(0, 1).materials[Part.UPPER], spectrum)).reshape(2, -1).mean(1)
    assert abs(first - second) > 0.2
