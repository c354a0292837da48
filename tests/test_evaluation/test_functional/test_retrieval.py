import numpy as np
import pytest

from haresreid.evaluation.functional import (
    QueryScores,
    cmc_curve,
    l2_normalize,
    query_blocks,
    rank_gallery,
    retrieval,
    score_queries,
)


def slow_scores(distances, query_pids, gallery_pids, excluded, count_identities):
    """One query at a time, straight from the definitions: (hit_rank, AP, INP) or None for an invalid query."""
    scores = []
    for row, pid in enumerate(query_pids):
        ranking = sorted(range(len(gallery_pids)), key=lambda column: (distances[row, column], column))
        ranked = [gallery_pids[column] for column in ranking if excluded is None or not excluded[row, column]]
        ranks = [rank for rank, other in enumerate(ranked, start=1) if other == pid]
        if not ranks:
            scores.append(None)
            continue
        answers = list(dict.fromkeys(ranked)) if count_identities else ranked
        ap = sum(number / rank for number, rank in enumerate(ranks, start=1)) / len(ranks)
        scores.append((answers.index(pid) + 1, ap, len(ranks) / ranks[-1]))
    return scores


@pytest.mark.parametrize('count_identities', [False, True])
@pytest.mark.parametrize('rule', ['none', 'per_camera', 'per_pair'])
def test_equals_slow_reference(rule, count_identities):
    rng = np.random.default_rng([count_identities, len(rule)])
    for _ in range(100):
        num_queries, num_gallery = rng.integers(1, 30), rng.integers(1, 80)
        # Identities missing in the gallery make invalid queries, coarse distances make ties.
        query_pids, gallery_pids = rng.integers(0, 30, num_queries) * 7, rng.integers(0, 25, num_gallery) * 7
        distances = rng.integers(0, 40, (num_queries, num_gallery)) / 8.0
        excluded = dict(
            none=None,
            per_camera=np.tile(rng.random(num_gallery) < 0.3, (num_queries, 1)),
            per_pair=rng.random(distances.shape) < 0.3,
        )[rule]
        scores = score_queries(distances, query_pids, gallery_pids, excluded, count_identities)
        expected = slow_scores(distances, query_pids, gallery_pids, excluded, count_identities)
        assert scores.valid.tolist() == [one is not None for one in expected]
        for row in np.flatnonzero(scores.valid):
            hit_rank, ap, inp = expected[row]
            assert scores.hit_rank[row] == hit_rank
            assert scores.ap[row] == pytest.approx(ap, abs=1e-12)
            assert scores.inp[row] == pytest.approx(inp, abs=1e-12)


def test_hand_example():
    scores = score_queries(np.arange(6.0)[None], np.array([7]), np.array([7, 1, 7, 2, 2, 7]))
    assert scores.ap[0] == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)
    assert scores.inp[0] == 0.5


def test_identity_collapsing_counts_people_not_images():
    gallery_pids = np.array([1, 1, 1, 2, 7])
    args = np.arange(5.0)[None], np.array([7]), gallery_pids
    assert score_queries(*args).hit_rank.tolist() == [5]
    assert score_queries(*args, count_identities=True).hit_rank.tolist() == [3]


def test_perfect_and_reversed_rankings():
    pids = np.repeat(np.arange(25), 3)
    distances = (pids[:, None] != pids).astype(float)
    for count_identities in (False, True):
        scores = score_queries(distances, pids, pids, count_identities=count_identities)
        assert (cmc_curve(scores) == 1).all() and (scores.ap == 1).all() and (scores.inp == 1).all()
        assert cmc_curve(score_queries(-distances, pids, pids, count_identities=count_identities))[0] == 0


def test_ties_keep_gallery_order_and_excluded_come_last():
    assert rank_gallery(np.array([[1.0, 0.0, 1.0, 0.0]])).tolist() == [[1, 3, 0, 2]]
    assert rank_gallery(np.zeros((1, 3)), np.array([[True, False, False]])).tolist() == [[1, 2, 0]]


def test_invalid_query_changes_nothing():
    rng = np.random.default_rng(0)
    distances, query_pids, gallery_pids = rng.random((9, 40)), np.arange(9), np.arange(40) % 12
    with_invalid = score_queries(distances, np.append(query_pids[:-1], 99), gallery_pids)
    without = score_queries(distances[:-1], query_pids[:-1], gallery_pids)
    assert not with_invalid.valid[-1]
    assert np.array_equal(cmc_curve(with_invalid), cmc_curve(without))
    assert with_invalid.ap[with_invalid.valid].mean() == without.ap.mean()


def test_monotone_transforms_change_nothing():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((60, 16))
    pids = np.arange(60) % 20
    unit, scaled = l2_normalize(features), l2_normalize(10 * features)
    assert np.allclose(unit, scaled, atol=1e-7)
    unit = unit.astype(np.float64)
    squared = ((unit[:20, None] - unit[None, 20:]) ** 2).sum(-1)
    for distances in (squared, np.sqrt(squared)):
        for got, expected in zip(
            score_queries(distances, pids[:20], pids[20:]),
            score_queries(-unit[:20] @ unit[20:].T, pids[:20], pids[20:]),
        ):
            assert np.array_equal(got, expected)


def test_transposed_problem_swaps_the_roles():
    rng = np.random.default_rng(1)
    distances, rows, columns = rng.random((30, 40)), rng.integers(0, 9, 30), rng.integers(0, 9, 40)
    swapped = score_queries(distances.T, columns, rows)
    expected = slow_scores(distances.T, columns, rows, None, False)
    assert swapped.hit_rank[swapped.valid].tolist() == [one[0] for one in expected if one]


def test_blocks_cover_all_queries_within_their_bound():
    blocks = list(query_blocks(3803, 3010))
    assert [index for rows in blocks for index in range(rows.start, rows.stop)] == list(range(3803))
    assert all((rows.stop - rows.start) * 3010 <= retrieval.BLOCK_ELEMENTS for rows in blocks)
    assert list(query_blocks(2, 10 * retrieval.BLOCK_ELEMENTS)) == [slice(0, 1), slice(1, 2)]


def test_refuses_nan_and_no_valid_query():
    with pytest.raises(ValueError, match='NaN or infinite'):
        score_queries(np.array([[np.nan]]), np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match='None of the 2 queries has a correct image'):
        cmc_curve(QueryScores(*np.zeros((4, 2), dtype=bool)))


def test_l2_normalize_keeps_zero_rows():
    assert l2_normalize(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[np.float32(0.6), np.float32(0.8)], [0.0, 0.0]]
