from pathlib import Path

import numpy as np
import pytest

from haresreid.demo import Gallery, find, read_upload
from haresreid.structures import Modality


def names(gallery, found):
    return [Path(gallery.features.paths[row]).stem for row in found.rows]


def test_searches_the_other_spectrum(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_upload(folder / 'night2.png', 2**20), top=3)
    assert found.modality == Modality.INFRARED
    assert names(gallery, found)[0] == 'day2' and all(name.startswith('day') for name in names(gallery, found))
    assert found.scores == sorted(found.scores, reverse=True) and len(found.scores) == 3


def test_searches_everything_if_asked(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_upload(folder / 'night2.png', 2**20), across=False, top=20)
    assert names(gallery, found)[0] == 'night2' and len(found.rows) == 8


def test_modality_given_beats_colour(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_upload(folder / 'night2.png', 2**20), Modality.VISIBLE)
    assert all(name.startswith('night') for name in names(gallery, found))


def test_nothing_of_the_other_spectrum(inferencer, gallery, folder):
    rows = np.flatnonzero(gallery.features.modalities == Modality.VISIBLE)
    visible = Gallery(gallery.features[rows], [gallery.captions[row] for row in rows], [''] * len(rows), [])
    with pytest.raises(ValueError, match='no infrared image'):
        find(inferencer, visible, read_upload(folder / 'day0.png', 2**20))


def test_examples_are_of_both_spectra(gallery):
    assert sorted(Path(path).stem[:-1] for path in gallery.examples) == ['day'] * 4 + ['night'] * 4
