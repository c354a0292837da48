"""Average link compared with a greedy search over all pairs of groups, mean by mean."""

import numpy as np
import pytest

from haresreid.search.people import average_link as module
from haresreid.search.people.average_link import average_link


def greedy(matrix: np.ndarray, least: float) -> set[frozenset]:
    groups = [[item] for item in range(len(matrix))]
    while len(groups) > 1:
        means = {
            (one, other): matrix[np.ix_(groups[one], groups[other])].mean()
            for one in range(len(groups))
            for other in range(one + 1, len(groups))
        }
        (one, other), best = max(means.items(), key=lambda pair: pair[1])
        if best < least:
            break
        groups[one] += groups.pop(other)
    return set(map(frozenset, groups))


def random_scores(size: int, forbidden: float, seed: int) -> np.ndarray:
    """Scores of items around a few centres, of which some pairs may never come together."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((6, 4))[rng.integers(0, 6, size)] + 0.6 * rng.standard_normal((size, 4))
    matrix = -np.linalg.norm(points[:, None] - points, axis=2)
    apart = np.triu(rng.random((size, size)) < forbidden, 1)
    matrix[apart | apart.T] = -np.inf
    return matrix


def groups_of(labels: np.ndarray) -> set[frozenset]:
    assert sorted(set(labels)) == list(range(labels.max() + 1))
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}


@pytest.mark.parametrize('block', [7, 2**22])
@pytest.mark.parametrize('seed', range(4))
def test_it_joins_as_a_greedy_search_does(seed, block, monkeypatch):
    monkeypatch.setattr(module, 'BLOCK', block)
    matrix = random_scores(40, [0, 0.05, 0.3, 1][seed], seed)
    for least in (-0.8, -1.5, -3):
        labels = average_link(lambda rows, others: matrix[np.ix_(rows, others)].copy(), 40, least)
        assert groups_of(labels) == greedy(matrix, least)


def test_nobody_is_joined_with_whom_it_may_not_be():
    """A bridge between two that may not come together goes to one of them."""
    matrix = np.array([[0, 0.9, -np.inf], [0.9, 0, 0.8], [-np.inf, 0.8, 0]])
    labels = average_link(lambda rows, others: matrix[np.ix_(rows, others)].copy(), 3, 0.5)
    assert groups_of(labels) == {frozenset({0, 1}), frozenset({2})}


def test_a_chain_that_is_too_long_is_told(monkeypatch):
    monkeypatch.setattr(module, 'LARGEST', 3)
    scores = lambda rows, others: np.zeros((len(rows), len(others)))  # noqa: E731
    assert average_link(scores, 3, 0).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match='4 tracks hang together as a chain .* ask for a higher probability'):
        average_link(scores, 4, 0)
