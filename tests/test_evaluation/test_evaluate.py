"""Golden figures: computed once with the field's common evaluation functions on these distances; tolerance 1e-6."""

from importlib import import_module

import numpy as np
import pytest

from haresreid.evaluation import (
    METRIC_NAMES,
    FeatureSet,
    LLCMProtocol,
    RegDBProtocol,
    SYSUProtocol,
    evaluate,
    evaluate_trials,
    score_trial,
)
from haresreid.evaluation.functional import cmc_curve, l2_normalize

ROWS, COLUMNS = np.arange(60), np.arange(80)
DISTANCES = np.sin(1.7 * ROWS[:, None] + 2.3 * COLUMNS + 0.01 * ROWS[:, None] * COLUMNS)
QUERY_PIDS, GALLERY_PIDS = ROWS % 25, 7 * COLUMNS % 25


def figures(scores):
    curve = cmc_curve(scores)
    return [*curve[[0, 4, 9, 19]], scores.ap[scores.valid].mean(), scores.inp[scores.valid].mean()]


def close(expected):
    return pytest.approx(expected, abs=1e-6)


def test_golden_sysu():
    scores = score_trial(
        DISTANCES,
        SYSUProtocol('all'),
        QUERY_PIDS,
        np.where(ROWS % 2, 6, 3),
        GALLERY_PIDS,
        np.array([1, 2, 4, 5])[COLUMNS % 4],
    )
    assert figures(scores) == close([0.05, 0.16666667, 0.46666667, 0.78333333, 0.09408763, 0.06695757])
    assert scores.valid.sum() == 60


def test_golden_regdb():
    scores = score_trial(DISTANCES, RegDBProtocol(), QUERY_PIDS, np.ones(60, int), GALLERY_PIDS, np.full(80, 2))
    assert figures(scores) == close([0.06666667, 0.15, 0.33333333, 0.68333333, 0.08966280, 0.06395940])


@pytest.mark.parametrize('count_identities, r10, r20', [(True, 0.35, 0.75), (False, 0.28333333, 0.65)])
def test_golden_llcm(count_identities, r10, r20):
    protocol = LLCMProtocol()
    protocol.count_identities = count_identities
    scores = score_trial(DISTANCES, protocol, QUERY_PIDS, ROWS % 9 + 1, GALLERY_PIDS, 5 * COLUMNS % 9 + 1)
    assert figures(scores) == close([0.06666667, 0.15, r10, r20, 0.08999572, 0.05994445])


SYSU_GOLDENS = {
    ('all', 1): [0.01104391, 0.05653432, 0.10859847, 0.21036024, 0.03007093, 0.01720348],
    ('indoor', 1): [0.01403986, 0.08740942, 0.17436594, 0.35371377, 0.06644945, 0.05560769],
    ('all', 10): [0.00894031, 0.05390481, 0.11149093, 0.20825664, 0.01305574, 0.01077848],
}


def full_sysu_scores(images, protocol):
    query, gallery = protocol.draw(images, 0)
    distances = np.random.RandomState(0).rand(len(query), len(gallery))
    return score_trial(
        distances, protocol, images.pids[query], images.camids[query], images.pids[gallery], images.camids[gallery]
    )


@pytest.mark.parametrize('mode, shots', SYSU_GOLDENS)
def test_golden_full_size_sysu(sysu_test_images, mode, shots):
    scores = full_sysu_scores(sysu_test_images, SYSUProtocol(mode, shots))
    assert figures(scores) == close(SYSU_GOLDENS[mode, shots])
    assert scores.valid.sum() == (2208 if mode == 'indoor' else 3803)


def test_camera_rule_matters(sysu_test_images):
    protocol = SYSUProtocol('all')
    protocol.excluded = lambda *labels: None
    rank1, *_, mean_ap, _ = figures(full_sysu_scores(sysu_test_images, protocol))
    assert (rank1, mean_ap) == close((0.009992, 0.028100))


def test_indoor_validity_per_camera(sysu_test_images):
    protocol = SYSUProtocol('indoor')
    query, _ = protocol.draw(sysu_test_images, 0)
    camids = sysu_test_images.camids[query][full_sysu_scores(sysu_test_images, protocol).valid]
    assert (np.sum(camids == 3), np.sum(camids == 6)) == (1088, 1120)


def test_camera_2_rows_vanish_for_camera_3_only():
    distances = np.array([[0.0, 0.1, 0.2, 0.3]] * 2)
    scores = score_trial(
        distances,
        SYSUProtocol('all'),
        np.array([5, 5]),
        np.array([3, 6]),
        np.array([5, 8, 9, 5]),
        np.array([2, 2, 1, 4]),
    )
    # Camera 3 sees only [9, 5]; camera 6 finds the right person first.
    assert scores.hit_rank.tolist() == [2, 1]
    assert scores.ap.tolist() == [0.5, 0.75]


@pytest.fixture
def feature_set():
    rng = np.random.default_rng(0)
    pids, camids, modalities = (part.ravel() for part in np.meshgrid(range(25), (1, 2, 3, 4), (0, 1)))
    camids = np.where(modalities == 1, np.where(camids > 2, 3, 6), camids)
    features = l2_normalize(rng.standard_normal((25, 8))[pids] + rng.standard_normal((200, 8)))
    return FeatureSet(features, pids, camids, modalities, [f'{index:04d}.jpg' for index in range(200)])


@pytest.mark.parametrize('protocol', [SYSUProtocol('all'), LLCMProtocol('v2i'), RegDBProtocol('i2v')])
def test_evaluate_equals_given_distances_trial_by_trial(feature_set, protocol):
    features = feature_set.features.astype(float)
    euclidean = evaluate_trials(
        feature_set,
        protocol,
        lambda query, gallery: np.linalg.norm(features[query][:, None] - features[gallery], axis=-1).__getitem__,
    )
    result = evaluate(feature_set, protocol)
    assert result.trials == tuple(protocol.trials)
    for metric in METRIC_NAMES:
        assert np.array_equal(result.figures[metric], euclidean.figures[metric])
        assert result.figures[metric].shape == (len(protocol.trials),)
        assert result.mean(metric) == np.mean(result.figures[metric])
    assert result.figures['R1'].mean() > 3 / 25


@pytest.mark.parametrize('protocol', [SYSUProtocol('indoor', 10), LLCMProtocol('v2i', legacy_swap=True)])
def test_each_trial_stands_for_itself(feature_set, protocol):
    """Sharing one matrix of distances must not mix the trials' queries and galleries."""
    features, pids, camids = feature_set.features.astype(float), feature_set.pids, feature_set.camids
    result = evaluate(feature_set, protocol)
    for trial in protocol.trials:
        query, gallery = protocol.draw(feature_set, trial)
        scores = score_trial(
            -features[query] @ features[gallery].T, protocol, pids[query], camids[query], pids[gallery], camids[gallery]
        )
        assert result.figures['mAP'][trial] == pytest.approx(scores.ap[scores.valid].mean(), abs=1e-12)
        assert result.cmc[trial].tolist() == cmc_curve(scores).tolist()


def test_blocks_and_order_of_images_change_nothing(feature_set, monkeypatch):
    expected = evaluate(feature_set, SYSUProtocol('all'))
    shuffled = np.random.default_rng(1).permutation(len(feature_set))
    moved = FeatureSet(
        feature_set.features[shuffled],
        feature_set.pids[shuffled],
        feature_set.camids[shuffled],
        feature_set.modalities[shuffled],
        [feature_set.img_paths[index] for index in shuffled],
    )
    module = import_module('haresreid.evaluation.evaluate')
    monkeypatch.setattr(module, 'MATRIX_ELEMENTS', 500)
    monkeypatch.setattr(module, 'SCORED_ELEMENTS', 200)
    result = evaluate(moved, SYSUProtocol('all'))
    for metric in METRIC_NAMES:
        assert np.array_equal(result.figures[metric], expected.figures[metric])


def test_two_runs_are_equal_bit_for_bit(feature_set):
    first, second = (evaluate(feature_set, SYSUProtocol('all')) for _ in range(2))
    assert all(np.array_equal(first.figures[metric], second.figures[metric]) for metric in METRIC_NAMES)


def test_no_valid_query(feature_set):
    feature_set.pids = np.where(feature_set.modalities == 1, 99, feature_set.pids)
    with pytest.raises(ValueError, match='None of the 100 queries'):
        evaluate(feature_set, RegDBProtocol())
