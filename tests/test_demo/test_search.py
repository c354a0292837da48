from pathlib import Path

import numpy as np
import pytest

from haresreid.demo import Gallery, find, folder_gallery
from haresreid.files.images import read_rgb
from haresreid.structures import Modality


def names(gallery, found):
    return [Path(gallery.features.paths[row]).stem for row in found.rows]


def test_searches_the_other_spectrum(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_rgb(folder / 'night2.png'), top=3)
    assert found.modality == Modality.INFRARED
    assert names(gallery, found)[0] == 'day2' and all(name.startswith('day') for name in names(gallery, found))
    assert found.scores == sorted(found.scores, reverse=True) and len(found.scores) == 3


def test_searches_everything_if_asked(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_rgb(folder / 'night2.png'), across=False, top=20)
    assert names(gallery, found)[0] == 'night2' and len(found.rows) == 8


def test_modality_given_beats_colour(inferencer, gallery, folder):
    found = find(inferencer, gallery, read_rgb(folder / 'night2.png'), Modality.VISIBLE)
    assert all(name.startswith('night') for name in names(gallery, found))


def test_nothing_of_the_other_spectrum(inferencer, gallery, folder):
    rows = np.flatnonzero(gallery.features.modalities == Modality.VISIBLE)
    visible = Gallery(gallery.features[rows], [gallery.captions[row] for row in rows], [''] * len(rows), [])
    with pytest.raises(ValueError, match='no infrared image'):
        find(inferencer, visible, read_rgb(folder / 'day0.png'))


def test_examples_are_of_both_spectra(gallery):
    assert sorted(gallery.captions[row][:-5] for row in gallery.examples) == ['day'] * 4 + ['night'] * 4


def test_an_unreadable_image_is_left_out_with_a_warning(inferencer, folder):
    (folder / 'day9.png').write_bytes(b'no image')
    with pytest.warns(UserWarning, match=r"1 of 9 images are left out: .*day9.png'") as caught:
        gallery = folder_gallery(inferencer, folder, 'visible')
    assert len(gallery.features) == len(gallery.captions) == 8 and 'day9.png' not in gallery.captions
    assert all('unreadable=' not in str(warning.message) for warning in caught)  # no option of the demo


def test_a_gallery_whose_files_are_all_unreadable(inferencer, tmp_path):
    (tmp_path / 'a.png').write_bytes(b'no image')
    with pytest.warns(UserWarning), pytest.raises(ValueError, match='None of the 1 images can be decoded') as caught:
        folder_gallery(inferencer, tmp_path)
    assert 'unreadable=' not in str(caught.value)
