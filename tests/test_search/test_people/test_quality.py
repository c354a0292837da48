"""Figures compared with every matching and every pair, one by one."""

from itertools import combinations, permutations

import numpy as np
import pytest

from haresreid.search.people import judge_assignment, path_people
from haresreid.search.text import quality_text


def slow(assigned, people, modalities) -> tuple[float, list[tuple[float, float]]]:
    names, truth = sorted(set(assigned)), sorted(set(people))
    slots = names + [None] * max(0, len(truth) - len(names))
    best = max(
        sum(partner[truth.index(person)] == name for name, person in zip(assigned, people))
        for partner in permutations(slots, len(truth))
    )
    shares = []
    for across in (False, True):
        pairs = [
            (assigned[a] == assigned[b], people[a] == people[b])
            for a, b in combinations(range(len(people)), 2)
            if not across or modalities[a] != modalities[b]
        ]
        right = sum(given and true for given, true in pairs)
        shares.append((right / sum(given for given, _ in pairs), right / sum(true for _, true in pairs)))
    return best / len(people), shares


@pytest.mark.parametrize('seed', range(5))
def test_figures(seed):
    rng = np.random.default_rng(seed)
    people, assigned, modalities = rng.integers(0, 4, 14), rng.integers(0, 5, 14) * 10, rng.integers(0, 2, 14)
    assigned[:6] = people[:6] * 10
    idf1, shares = slow(assigned.tolist(), people.tolist(), modalities.tolist())
    quality = judge_assignment(assigned, people, modalities)
    assert quality.idf1 == pytest.approx(idf1)
    for pairs, (precision, recall) in zip((quality.pairs, quality.across), shares):
        assert (pairs.precision, pairs.recall) == pytest.approx((precision, recall))
        assert pairs.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert (quality.tracks, quality.people, quality.assigned) == (14, len(set(people)), len(set(assigned)))


def test_perfect_and_alone():
    people, modalities = np.array([1, 1, 2, 2]), np.array([0, 1, 0, 0])
    perfect = judge_assignment(np.array([7, 7, 0, 0]), people, modalities)
    assert (perfect.idf1, perfect.pairs.f1, perfect.across.f1) == (1, 1, 1)
    alone = judge_assignment(np.arange(4), people, modalities)
    assert alone.idf1 == 0.5 and alone.pairs.recall == 0 and np.isnan(alone.pairs.precision)
    lines = quality_text(alone).splitlines()
    assert lines[0] == '2 people in truth; IDF1 50.0, and 50.0 if each track were a person of its own'
    assert lines[-1] == '| visible-infrared | – | 0.0 | 0.0 |'


def test_people_of_paths():
    assert path_people(['cam1/0007/1.jpg', 'cam2/0011/1.jpg'], r'cam\d+/(?P<person>\d+)/').tolist() == ['0007', '0011']
    for pattern, message in (
        ('(', 'is no regular expression'),
        (r'\d+', r'lacks the group \(\?P<person>'),
        ('cam1/(?P<person>.*)/', '1 of 2 paths do not match'),
    ):
        with pytest.raises(ValueError, match=message):
            path_people(['cam1/0007/1.jpg', 'cam2/0011/1.jpg'], pattern)
