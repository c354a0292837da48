import numpy as np
import pytest

from haresreid.search import exact
from haresreid.search.exact import exact_search


def no_check(rows):
    pass


@pytest.mark.parametrize('block', [1, 40, 2**20])  # a row at a time, a few, all at once
@pytest.mark.parametrize('chosen', [slice(None), slice(30, 70), slice(None, None, 3)])
def test_equals_a_full_sort(block, chosen, monkeypatch):
    monkeypatch.setattr(exact, 'BLOCK', block)
    rng = np.random.default_rng(0)
    vectors, queries = (rng.integers(-3, 4, (number, 8)).astype(np.float32) for number in (100, 7))  # with ties
    rows = np.arange(100)[chosen]
    checked = []
    scores, found = exact_search(vectors, rows, queries, 9, checked.extend)
    assert checked == rows.tolist()
    for index, query in enumerate(queries):
        expected = sorted((-float(sum(a * b for a, b in zip(vectors[row], query))), row) for row in rows)[:9]
        np.testing.assert_array_equal(scores[index], [-score for score, _ in expected])
        np.testing.assert_array_equal(vectors[found[index]] @ query, scores[index])
    assert all(set(part) <= set(rows.tolist()) and len(set(part)) == 9 for part in found.tolist())


def test_no_rows_and_no_queries():
    vectors = np.eye(4, dtype=np.float32)
    assert exact_search(vectors, np.arange(0), vectors[:2], 0, no_check)[0].shape == (2, 0)
    assert exact_search(vectors, np.arange(4), vectors[:0], 3, no_check)[1].shape == (0, 3)


def test_many_queries_are_cut(monkeypatch):
    rng = np.random.default_rng(0)
    vectors, queries = (rng.standard_normal((number, 4), dtype=np.float32) for number in (50, 1500))
    _, found = exact_search(vectors, np.arange(50), queries, 1, no_check)
    np.testing.assert_array_equal(found[:, 0], (queries @ vectors.T).argmax(axis=1))
