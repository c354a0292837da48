from itertools import permutations

import numpy as np
import pytest

from haresreid.clustering import cluster_means, match_by_votes, match_progressively
from haresreid.evaluation.functional import l2_normalize


def problem(first, second, images=4, seed=0):
    """Images of clusters at random places: features and clusters of two modalities; every fifth image is in none."""
    rng = np.random.RandomState(seed)
    feats, labels = [], []
    for clusters in (first, second):
        labels.append(np.append(np.arange(clusters).repeat(images), np.full(clusters, -1)))
        feats.append(l2_normalize(rng.randn(len(labels[-1]), 6)).astype(np.float32))
    return tuple(feats), tuple(labels)


def slow_means(feats, labels):
    means = [sum(feat for feat, label in zip(feats, labels) if label == cluster) for cluster in range(max(labels) + 1)]
    return np.array([mean / np.sqrt((mean**2).sum()) for mean in means])


def slow_votes(feats, labels):
    means = [slow_means(*own) for own in zip(feats, labels)]
    choices = []
    for one in (0, 1):
        counts = [[0] * len(means[1 - one]) for _ in means[one]]
        for feat, label in zip(feats[one], labels[one]):
            if label >= 0:
                counts[label][int(np.argmax(means[1 - one] @ feat))] += 1
        choices.append([row.index(max(row)) for row in counts])
    return [
        [there if choices[1 - one][there] == here else -1 for here, there in enumerate(choices[one])] for one in (0, 1)
    ]


@pytest.mark.parametrize('seed', range(4))
def test_votes_equal_a_loop_over_images(seed):
    feats, labels = problem(5, 4, seed=seed)
    assert [found.tolist() for found in match_by_votes(feats, labels)] == slow_votes(feats, labels)


def test_means_equal_a_loop():
    feats, labels = problem(5, 4)
    assert cluster_means(feats[0], labels[0]) == pytest.approx(slow_means(feats[0], labels[0]), abs=1e-6)
    assert cluster_means(feats[0], np.full(len(feats[0]), -1)).shape == (0, 6)


def best(distances):
    """The assignment of all columns to different rows at the least total distance, by trying all."""
    rows, columns = distances.shape
    return min(permutations(range(rows), columns), key=lambda chosen: distances[list(chosen), range(columns)].sum())


def slow_rounds(many, few):
    distances = 1 - many @ few.T
    left, partners, first = list(range(len(many))), {}, None
    while left:
        own = distances[left]
        if len(left) >= len(few):
            pairs = [(left[row], column) for column, row in enumerate(best(own))]
        else:
            pairs = [(left[row], column) for row, column in enumerate(best(own.T))]
        first = first or {column: row for row, column in pairs}
        partners |= dict(pairs)
        left = [row for row in left if row not in partners]
    return [partners[row] for row in range(len(many))], [first[column] for column in range(len(few))]


@pytest.mark.parametrize('first, second', [(5, 2), (7, 3), (3, 7), (4, 4)])
def test_rounds_equal_trying_all_assignments(first, second):
    feats, labels = problem(first, second)
    means = [slow_means(*own) for own in zip(feats, labels)]
    many, few = slow_rounds(*means) if first >= second else slow_rounds(*means[::-1])
    found = match_progressively(feats, labels)
    assert (found.forward.tolist(), found.backward.tolist()) == ((many, few) if first >= second else (few, many))


def test_after_the_rounds_every_cluster_has_a_partner_and_the_smaller_side_has_its_own():
    feats, labels = problem(11, 4)
    forward, backward = match_progressively(feats, labels)
    assert set(forward) == set(range(4)) and len(set(backward)) == 4
    assert (forward[backward] == np.arange(4)).all()
    assert sorted(np.bincount(forward)) == [2, 3, 3, 3]  # rounds of 4, 4 and 3
