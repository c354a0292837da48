"""What is known of SynVI's images agrees with what was drawn."""

from collections import Counter

import numpy as np
import pytest

from haresreid.synvi import SynVISpec, write_synvi
from haresreid.synvi.facts import image_facts, spec_of
from haresreid.synvi.layouts import person_images
from haresreid.synvi.render import render_image
from haresreid.synvi.spec import LEVELS

SPEC = SynVISpec('sysu', 'standard', (2, 0, 3), 2, (32, 16), seed=4)


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp('synvi') / 'set'
    write_synvi(root, SPEC)
    return root


def test_the_occluded_images_are_those_that_change_without_occluders(root):
    planned = [(pid, image) for pid in range(1, 6) for image in person_images(SPEC, pid)]
    facts = image_facts([str(root / image.path) for _, image in planned])
    for (pid, image), fact in zip(planned, facts):
        person = LEVELS[SPEC.level].draw_person(SPEC.seed, pid)
        shown, bare = (
            render_image(SPEC.seed, pid, person, camera, image.number, SPEC.size)
            for camera in (image.camera, image.camera._replace(occlusion=0))
        )
        assert fact.occluded != np.array_equal(shown, bare)
        assert 0.5 < fact.height < 1.1
    assert set(Counter(fact.occluded for fact in facts)) == {True, False}
    assert set(Counter(fact.direction for fact in facts)) == {'front', 'side', 'back'}


def test_clothes_are_those_of_the_person(root):
    first, again, other = image_facts(
        [str(root / image.path) for image in (*person_images(SPEC, 1)[:2], person_images(SPEC, 2)[0])]
    )
    assert np.array_equal(first.clothes, again.clothes) and not np.array_equal(first.clothes, other.clothes)


def test_nothing_is_known_of_other_images(root, tmp_path):
    (tmp_path / 'own.jpg').touch()
    known = str(root / person_images(SPEC, 1)[0].path)
    assert spec_of(known) == (root, SPEC) and spec_of(tmp_path / 'own.jpg') is None
    assert image_facts([str(tmp_path / 'own.jpg')]) is None
    assert image_facts([known, str(root / 'cam1/0001/9999.jpg')]) is None and image_facts([]) is None
