import hashlib
import random
from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation import (
    PROTOCOL_NAMES,
    CrossModalProtocol,
    FeatureSet,
    LLCMProtocol,
    RegDBProtocol,
    SYSUProtocol,
    evaluate,
    protocol_by_name,
    score_trial,
)
from haresreid.evaluation.functional import l2_normalize
from haresreid.registry import PROTOCOLS

# First 12 hex digits of sha256 over the gallery's paths, one per line, trials 0..9 (files named 0001..n).
GALLERIES = dict(
    all='3060dd2f15c9 2a6494c18f52 2acb41770f88 316d478292b4 de547d480904 9fad57828e9e 57412292a28b 794b73586326 '
    '6d059c2a8318 a7b4db836b90',
    indoor='9cc52659200a 15ddb091c446 230950a92835 8bd4c02ca64f 63391f889d5e ef3ffc4cb056 ee46aad58380 7d068a610efd '
    '537e52c872df 8003e144bd54',
)


@pytest.mark.parametrize('mode, size', [('all', 301), ('indoor', 112)])
def test_sysu_galleries_are_the_golden_ones(sysu_test_images, mode, size):
    protocol = SYSUProtocol(mode)
    random.seed(123)
    state = random.getstate()
    digests = []
    for trial in protocol.trials:
        _, gallery = protocol.draw(sysu_test_images, trial)
        assert len(gallery) == size
        paths = [sysu_test_images.img_paths[index] for index in gallery]
        digests.append(hashlib.sha256('\n'.join(paths).encode()).hexdigest()[:12])
    assert digests == GALLERIES[mode].split()
    assert random.getstate() == state


def test_sysu_first_gallery_reads_as_written_down(sysu_test_images):
    _, gallery = SYSUProtocol('all').draw(sysu_test_images, 0)
    paths = [sysu_test_images.img_paths[index] for index in gallery]
    assert paths[:3] == ['cam1/0006/0025.jpg', 'cam2/0006/0025.jpg', 'cam4/0006/0014.jpg']
    assert paths[-1] == 'cam5/0333/0017.jpg'


@pytest.mark.parametrize('mode, size', [('all', 3010), ('indoor', 1120)])
def test_sysu_ten_shot(sysu_test_images, mode, size):
    protocol = SYSUProtocol(mode, shots=10)
    _, gallery = protocol.draw(sysu_test_images, 3)
    assert len(gallery) == len(set(gallery.tolist())) == size
    assert protocol.name == f'sysu/{mode}-10shot'


def test_sysu_queries_are_all_infrared_and_the_same_in_every_trial(sysu_test_images):
    drawn = [SYSUProtocol(mode).draw(sysu_test_images, trial)[0] for mode in ('all', 'indoor') for trial in (0, 9)]
    assert len(drawn[0]) == 3803
    assert set(sysu_test_images.camids[drawn[0]]) == {3, 6}
    assert all(np.array_equal(drawn[0], other) for other in drawn)


def test_sysu_camera_rule_hides_every_camera_2_image_from_camera_3():
    excluded = SYSUProtocol('all').excluded(
        np.array([5, 5]), np.array([3, 6]), np.array([5, 8, 5]), np.array([2, 2, 1])
    )
    assert excluded.tolist() == [[True, True, False], [False, False, False]]


def test_llcm_camera_rule_hides_only_the_same_person_at_the_same_place():
    excluded = LLCMProtocol().excluded(np.array([5]), np.array([4]), np.array([5, 5, 8]), np.array([4, 3, 4]))
    assert excluded.tolist() == [[True, False, False]]


def test_regdb_hides_nothing():
    assert RegDBProtocol().excluded(np.array([5]), np.array([1]), np.array([5]), np.array([1])) is None


@pytest.fixture
def images():
    """3 people x 2 places x (4 visible + 3 infrared) images."""
    rows = [
        (pid, cam, modality, shot)
        for pid in (4, 7, 9)
        for cam in (1, 2)
        for modality in (0, 1)
        for shot in range(4 - modality)
    ]
    pids, camids, modalities, _ = np.array(rows).T
    return SimpleNamespace(
        pids=pids, camids=camids, modalities=modalities, img_paths=['{}_{}_{}_{}.jpg'.format(*row) for row in rows]
    )


@pytest.mark.parametrize('direction, queries, modality', [('v2i', 24, 0), ('i2v', 18, 1)])
def test_llcm_queries_are_all_and_gallery_is_drawn_in_both_directions(images, direction, queries, modality):
    query, gallery = LLCMProtocol(direction).draw(images, 0)
    assert len(query) == queries and set(images.modalities[query]) == {modality}
    assert len(gallery) == 6 and set(images.modalities[gallery]) == {1 - modality}
    groups = list(zip(images.pids[gallery], images.camids[gallery]))
    assert groups == sorted(set(groups))


def test_llcm_draws_by_the_python_rule(images):
    rng = random.Random(5)
    expected = [
        rng.choice(sorted(f'{pid}_{cam}_1_{shot}.jpg' for shot in range(3))) for pid in (4, 7, 9) for cam in (1, 2)
    ]
    _, gallery = LLCMProtocol('v2i').draw(images, 5)
    assert [images.img_paths[index] for index in gallery] == expected


@pytest.mark.parametrize('protocol_class, name', [(RegDBProtocol, 'regdb'), (CrossModalProtocol, 'own')])
def test_all_against_all(images, protocol_class, name):
    protocol = protocol_class('i2v')
    query, gallery = protocol.draw(images, 0)
    assert (len(query), len(gallery)) == (18, 24)
    assert protocol.name == f'{name}/i2v' and not protocol.count_identities


def test_llcm_legacy_rule_swaps_the_roles(images):
    """protocols.md 3.1: in the released script's VIS to NIR, the drawn NIR images query all VIS images."""
    proper, legacy = LLCMProtocol('v2i'), LLCMProtocol('v2i', legacy_swap=True)
    for (query, gallery), (legacy_query, legacy_gallery) in zip(proper.draws(images), legacy.draws(images)):
        assert np.array_equal(query, legacy_gallery) and np.array_equal(gallery, legacy_query)
    features = l2_normalize(np.random.default_rng(0).standard_normal((len(images.pids), 8)))
    feature_set = FeatureSet(features, images.pids, images.camids, images.modalities, images.img_paths)
    proper, legacy = evaluate(feature_set, proper), evaluate(feature_set, legacy)
    assert (proper.num_queries, legacy.num_queries) == (24, 6)
    assert (set(proper.num_gallery), set(legacy.num_gallery)) == ({6}, {24})
    assert proper.name != legacy.name and 'LEGACY' in legacy.description
    assert proper.mean('mAP') != legacy.mean('mAP')
    with pytest.raises(ValueError, match="'i2v' has none"):
        LLCMProtocol('i2v', legacy_swap=True)


def test_regdb_i2v_is_v2i_on_the_transposed_matrix():
    rng = np.random.default_rng(0)
    rows, columns, camids = rng.integers(0, 9, 30), rng.integers(0, 9, 40), np.zeros(40, int)
    distances = rng.random((30, 40))
    transposed = score_trial(distances.T, RegDBProtocol('i2v'), columns, camids, rows, camids[:30])
    for row in range(40):
        alone = score_trial(
            distances[:, row][None], RegDBProtocol('v2i'), columns[row : row + 1], camids[:1], rows, camids[:30]
        )
        assert transposed.hit_rank[row] == alone.hit_rank[0] and transposed.ap[row] == alone.ap[0]


@pytest.mark.parametrize('name', [name for name in PROTOCOL_NAMES if not name.endswith('-official')])
def test_every_protocol_carries_the_name_it_is_built_by(name):
    assert protocol_by_name(name).name == name


def test_names_tell_every_variant_apart():
    assert len(set(PROTOCOL_NAMES)) == 25
    with pytest.raises(ValueError, match="no protocol 'sysu/al': did you mean 'sysu/all'?"):
        protocol_by_name('sysu/al')


def test_built_from_configs():
    assert PROTOCOLS.build(dict(type=SYSUProtocol, mode='indoor')).name == 'sysu/indoor'
    assert PROTOCOLS.build(dict(type='LLCMProtocol', direction='i2v')).name == 'llcm/i2v'
    assert PROTOCOLS.build(dict(type='haresreid.evaluation.protocols.RegDBProtocol')).name == 'regdb/v2i'


def test_refuses_what_does_not_exist(images):
    with pytest.raises(ValueError, match="'all' or 'indoor'"):
        SYSUProtocol('outdoor')
    with pytest.raises(ValueError, match='1 or 10'):
        SYSUProtocol(shots=5)
    with pytest.raises(ValueError, match="'v2i' or 'i2v'"):
        LLCMProtocol('t2v')
    with pytest.raises(ValueError, match='has the trials'):
        LLCMProtocol().draw(images, 10)
    images.modalities[:] = 0
    with pytest.raises(ValueError, match='no infrared gallery image among 42'):
        RegDBProtocol('v2i').draw(images, 0)
