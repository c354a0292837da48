import numpy as np

from haresreid.synvi.identity import draw_identity
from haresreid.synvi.materials import Part, second_colour


def test_a_person_depends_on_seed_and_number_only():
    first, again = draw_identity(0, 7), draw_identity(0, 7)
    assert first[:-1] == again[:-1]
    np.testing.assert_array_equal(first.materials[Part.UPPER].visible, again.materials[Part.UPPER].visible)
    assert draw_identity(0, 8)[:-1] != first[:-1]
    assert draw_identity(1, 7)[:-1] != first[:-1]


def test_infrared_reflectance_is_independent_of_the_visible_colour():
    """Over 600 people, no tone, brightness or hue of a garment correlates with its near-infrared reflectance.

    The standard error of a correlation over 600 pairs is .04; the bound is four of them.
    """
    people = [draw_identity(0, pid) for pid in range(600)]
    for part in (Part.UPPER, Part.LOWER, Part.SKIN, Part.HAIR):
        visible = np.array([person.materials[part].visible[0] for person in people])  # (600, 3)
        nir = np.array([person.materials[part].nir[0] for person in people])
        warmth = np.array([person.materials[part].warmth for person in people])
        for channel in (*visible.T, visible.mean(1), visible[:, 0] - visible[:, 2]):
            assert abs(np.corrcoef(channel, nir)[0, 1]) < 0.16
            if warmth.std() > 0:
                assert abs(np.corrcoef(channel, warmth)[0, 1]) < 0.16


def test_patterns_show_both_tones_and_plain_only_one():
    azimuth, axial = (grid.ravel() for grid in np.meshgrid(np.linspace(-3, 3, 200), np.linspace(0, 1, 200)))
    torso = np.arange(azimuth.size) % 2 == 0
    material = draw_identity(0, 1).materials[Part.UPPER]._replace(frequency=12.0, duty=0.5, position=0.4)
    for pattern in ('hstripe', 'vstripe', 'check', 'dots', 'yoke', 'band', 'logo', 'raglan', 'side'):
        share = second_colour(material._replace(pattern=pattern), azimuth, axial, torso).mean()
        assert 0.01 < share < 0.7, pattern
    assert not second_colour(material._replace(pattern='plain'), azimuth, axial, torso).any()
