"""A gallery of both spectra."""

from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, MixedGalleryProtocol, evaluate, protocol_by_name
from haresreid.evaluation.functional import l2_normalize


def test_the_full_sysu_gallery(sysu_test_images):
    """301 visible images and, of cameras 3 and 6, 93 + 96 infrared ones; see protocols.md 1.1."""
    protocol, all_search = protocol_by_name('sysu/i2m'), protocol_by_name('sysu/all')
    drawn, visible = protocol.draws(sysu_test_images), all_search.draws(sysu_test_images)
    assert len(drawn) == 10
    for (query, gallery), (infrared, part) in zip(drawn, visible):
        assert len(gallery) == 301 + 93 + 96 and np.array_equal(gallery[:301], part) and np.array_equal(query, infrared)
        pairs = {(sysu_test_images.pids[row], sysu_test_images.camids[row]) for row in gallery}
        assert len(pairs) == len(gallery)
    assert not np.array_equal(drawn[0][1], drawn[1][1])
    assert len(protocol_by_name('sysu/v2m').draw(sysu_test_images, 0)[0]) == 6775


def test_a_query_does_not_see_its_place_on_sysu():
    cameras = np.arange(1, 7)
    hidden = protocol_by_name('sysu/i2m').excluded(np.zeros(6, int), cameras, np.arange(6), cameras)
    slow = [[one == other or {one, other} == {2, 3} for other in range(1, 7)] for one in range(1, 7)]
    assert hidden.tolist() == slow


@pytest.fixture
def images():
    """Four people, two cameras that film both spectra, as LLCM's; two images each."""
    pids, camids, modalities, _ = (part.ravel() for part in np.meshgrid(*map(range, (4, 2, 2, 2)), indexing='ij'))
    paths = [f'{index:02d}.jpg' for index in range(len(pids))]
    return SimpleNamespace(pids=pids, camids=camids, modalities=modalities, img_paths=paths)


def test_one_image_per_identity_camera_and_modality_on_llcm(images):
    _, gallery = protocol_by_name('llcm/v2m').draw(images, 3)
    keys = list(zip(images.pids[gallery], images.camids[gallery], images.modalities[gallery]))
    assert len(keys) == len(set(keys)) == 4 * 2 * 2


@pytest.mark.parametrize('direction, modality', [('v2m', 0), ('i2m', 1)])
def test_own_data_are_searched_completely(images, direction, modality):
    protocol = protocol_by_name(f'own/{direction}')
    query, gallery = protocol.draw(images, 0)
    assert (images.modalities[query] == modality).all() and sorted(gallery) == list(range(32))
    hidden = protocol.excluded(images.pids[query], images.camids[query], images.pids[gallery], images.camids[gallery])
    assert (hidden.sum(axis=1) == 4).all() and hidden[range(16), [list(gallery).index(row) for row in query]].all()


def test_what_it_is_for(images):
    """Features that know the spectrum better than the person: perfect across spectra, bad in a mixed gallery."""
    person, spectrum = np.eye(4)[images.pids], 2.0 * np.eye(2)[images.modalities]
    features = l2_normalize(np.hstack([person, spectrum]))
    found = FeatureSet(features, images.pids, images.camids, images.modalities, images.img_paths)
    across, mixed = (evaluate(found, protocol_by_name(f'own/{name}')) for name in ('v2i', 'v2m'))
    assert across.mean('mAP') == across.mean('mINP') == 1
    # of 28 images, 2 matches lead, then 12 others of the spectrum, then the 2 matches of the other camera
    assert mixed.mean('R1') == 1 and mixed.mean('mINP') == pytest.approx(4 / 16)
    assert mixed.mean('mAP') == pytest.approx((1 + 1 + 3 / 15 + 4 / 16) / 4)


def test_refuses_what_does_not_exist(images):
    with pytest.raises(ValueError, match="'v2m' or 'i2m', got 'v2i'"):
        MixedGalleryProtocol('v2i')
    with pytest.raises(ValueError, match="'own', 'sysu' or 'llcm', got 'regdb'"):
        MixedGalleryProtocol('v2m', 'regdb')
    images.modalities[:] = 0
    with pytest.raises(ValueError, match='own/v2m finds no infrared gallery image among 32'):
        MixedGalleryProtocol().draw(images, 0)
