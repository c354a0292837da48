import numpy as np
import pytest

from haresreid.clustering import Matches, judge


def test_by_hand():
    labels = np.array([0, 0, 0, 1, 1, -1, -1, -1]), np.array([0, 0, 1, 1])
    pids = np.array([7, 7, 9, 9, 9, 7, 9, 8]), np.array([9, 9, 8, 8])
    visible, infrared = judge(labels, pids, Matches(np.array([1, 0]), np.array([1, -1])))
    assert visible.known() == pytest.approx(dict(clusters=2, unclustered=3 / 8, matched=1, purity=4 / 5, right=1 / 2))
    assert infrared.known() == pytest.approx(dict(clusters=2, unclustered=0, matched=1 / 2, purity=1, right=1))


def test_what_is_unknown_is_not_stated():
    labels = np.array([0, -1]), np.array([0])
    visible, infrared = judge(labels)
    assert visible.known() == dict(clusters=1, unclustered=0.5) and infrared.known() == dict(clusters=1, unclustered=0)
    assert 'right' not in judge(labels, (np.array([1, 2]), np.array([1])))[0].known()


def test_purity_is_that_of_scikit_learns_contingency():
    from sklearn.metrics.cluster import contingency_matrix

    rng = np.random.RandomState(0)
    labels, pids = rng.randint(-1, 6, 90), rng.randint(0, 9, 90)
    counts = contingency_matrix(labels[labels >= 0], pids[labels >= 0])
    expected = counts.max(axis=1).sum() / counts.sum()
    assert judge((labels, labels), (pids, pids))[0].purity == pytest.approx(expected)


def test_without_any_cluster_shares_are_zero():
    nothing = np.full(3, -1)
    quality, _ = judge((nothing, nothing), (np.arange(3), np.arange(3)), Matches(np.empty(0, int), np.empty(0, int)))
    assert quality.known() == dict(clusters=0, unclustered=1, matched=0, purity=0, right=0)
