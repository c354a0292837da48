"""Re-ranking against slow loops over the definition, against golden distances, and in what it gains."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.evaluation import SYSUProtocol
from haresreid.evaluation.evaluate import evaluate_trials
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.reranking import RERANKERS, average_query_expansion, k_reciprocal

ALL = slice(None)
# Features are float32: lengths of one within 1e-7, and the grid of 2**-26 is coarser than some of their digits.
CLOSE = dict(rtol=0, atol=5e-7)


def squared_distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def slow_k_reciprocal(query, gallery, k1, k2, lambda_value):
    """The published definition with loops and sets; where paper and published code differ, the code."""
    images = [*query.tolist(), *gallery.tolist()]
    everyone = range(len(images))
    raw = [[squared_distance(a, b) for b in images] for a in images]
    distance = [[value / max(row) for value in row] for row in raw]
    ranking = [sorted(everyone, key=lambda j: (j != i, raw[i][j], j)) for i in everyone]

    def reciprocal(i, k):
        return {j for j in ranking[i][: k + 1] if i in ranking[j][: k + 1]}

    def encode(i):
        core = reciprocal(i, k1)
        expanded = set(core)
        for member in core:
            candidates = reciprocal(member, round(k1 / 2))
            if 3 * len(candidates & core) > 2 * len(candidates):
                expanded |= candidates
        weights = {j: np.exp(-distance[i][j]) for j in expanded}
        return {j: weight / sum(weights.values()) for j, weight in weights.items()}

    encodings = [encode(i) for i in everyone]

    def average(i):
        group = ranking[i][:k2]
        return [sum(encodings[j].get(column, 0.0) for j in group) / len(group) for column in everyone]

    vectors = [average(i) for i in everyone]

    def jaccard(a, b):
        return 1 - sum(map(min, a, b)) / sum(map(max, a, b))

    return np.array(
        [
            [
                (1 - lambda_value) * jaccard(vectors[q], vectors[g]) + lambda_value * distance[q][g]
                for g in everyone[len(query) :]
            ]
            for q in everyone[: len(query)]
        ]
    )


def clusters(seed, num_query, num_gallery, dimensions=8, people=6):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(people, dimensions))
    identities = rng.integers(people, size=num_query + num_gallery)
    features = l2_normalize(centres[identities] + 0.6 * rng.normal(size=(len(identities), dimensions)))
    return features[:num_query], features[num_query:]


def corners(seed, num_query, num_gallery):
    """Corners of a cube: lengths and products are exact, so different images tie in plenty."""
    features = np.random.default_rng(seed).choice(np.float32([-0.5, 0.5]), size=(num_query + num_gallery, 4))
    return features[:num_query], features[num_query:]


def with_copies(query, gallery):
    """Every gallery image twice, and half of the queries in the gallery."""
    return query, np.concatenate([gallery, gallery, query[::2]])


@pytest.mark.parametrize(
    'problem',
    [
        clusters(0, 12, 30),
        clusters(1, 30, 12),
        clusters(2, 1, 25),
        clusters(3, 25, 1),
        with_copies(*clusters(4, 10, 12)),
        corners(5, 15, 30),
        corners(6, 40, 20),
    ],
)
@pytest.mark.parametrize('k1, k2, lambda_value', [(20, 6, 0.3), (7, 3, 0.3), (5, 1, 0.0), (1, 4, 0.5), (100, 60, 0.3)])
def test_k_reciprocal_equals_the_definition(problem, k1, k2, lambda_value):
    distances = k_reciprocal(*problem, k1, k2, lambda_value)(ALL)
    np.testing.assert_allclose(distances, slow_k_reciprocal(*problem, k1, k2, lambda_value), **CLOSE)


@pytest.mark.parametrize(
    'k1, k2, mean, entries',
    [
        (20, 6, 0.55435996, [0.33291249, 0.35817317, 0.64376245]),
        (7, 3, 0.79829937, [0.78899386, 0.33335351, 0.84865323]),
        (80, 6, 0.26104114, [0.19501797, 0.1400604, 0.25773477]),
    ],
)
def test_golden_distances(k1, k2, mean, entries):
    """Computed once with the field's common code, its float32 raised to float64."""
    image, column = np.arange(60)[:, None], np.arange(16)
    features = l2_normalize(
        np.sin(1.3 * image + 0.7 * column + 0.11 * image * column) + 0.5 * np.cos(image % 12 + column)
    )
    distances = k_reciprocal(features[:25], features[25:], k1, k2, 0.3)(ALL)
    np.testing.assert_allclose([distances.mean(), *distances[[0, 7, 24], [0, 13, 34]]], [mean, *entries], **CLOSE)


def test_lambda_one_is_the_original_ranking():
    query, gallery = clusters(0, 40, 200, dimensions=32)
    distances = k_reciprocal(query, gallery, lambda_value=1)(ALL)
    assert np.array_equal(np.argsort(distances), np.argsort(-query.astype(float) @ gallery.T.astype(float)))


@pytest.mark.parametrize('top', [1, 3, 100])
@pytest.mark.parametrize('problem', [clusters(0, 12, 30), with_copies(*clusters(4, 10, 12)), corners(5, 15, 30)])
def test_query_expansion_equals_a_loop(problem, top):
    query, gallery = problem
    expected = []
    for image in query.tolist():
        order = sorted(range(len(gallery)), key=lambda g: squared_distance(image, gallery[g].tolist()))
        mean = np.mean([image, *gallery[order[:top]].tolist()], axis=0)
        mean /= max(np.linalg.norm(mean), 1e-12)
        expected.append([2 - 2 * mean @ other for other in gallery.astype(float)])
    np.testing.assert_allclose(average_query_expansion(query, gallery, top)(ALL), expected, **CLOSE)


@pytest.mark.parametrize('rerank', RERANKERS.values(), ids=RERANKERS.keys())
def test_blocks_are_the_whole_bit_by_bit(rerank, monkeypatch):
    problem = with_copies(*clusters(7, 50, 40, dimensions=67))
    whole = rerank(*problem)(ALL)
    assert whole.shape == (50, 105) and whole.dtype == np.float64

    def small_blocks(number, width):
        return (slice(start, min(start + 3, number)) for start in range(0, number, 3))

    monkeypatch.setattr('haresreid.evaluation.reranking.query_blocks', small_blocks)
    distances = rerank(*problem)
    blocks = [slice(0, 1), slice(1, 30), slice(30, 30), slice(30, None)]
    assert np.array_equal(np.concatenate([distances(rows) for rows in blocks]), whole)


def test_queries_vote_in_k_reciprocal_only():
    query, gallery = clusters(8, 40, 30)
    for rerank, transductive in ((k_reciprocal, True), (average_query_expansion, False)):
        alone = rerank(query[:5], gallery)(ALL)
        assert np.array_equal(alone, rerank(query, gallery)(slice(0, 5))) is not transductive


@pytest.mark.parametrize('rerank', RERANKERS.values(), ids=RERANKERS.keys())
def test_equal_images_and_dead_features_have_distances(rerank):
    for image in ([3, 4], [1, 2]):  # in float32 one is a little longer than one, the other shorter
        equal = np.tile(l2_normalize([image]), (30, 1))
        distances = rerank(equal[:10], equal)(ALL)
        assert (-1e-12 < distances).all() and (distances < 1).all()
    query, gallery = clusters(9, 10, 20)
    query[3] = gallery[5] = 0
    assert np.isfinite(rerank(query, gallery)(ALL)).all()


def test_no_matrix_of_all_pairs():
    query, gallery = clusters(0, 2000, 3000, people=200)
    tracemalloc.start()
    distances = k_reciprocal(query, gallery)
    distances(slice(0, 200))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5000**2 * 8 / 2


@pytest.mark.parametrize(
    'call, message',
    [
        (lambda q, g: k_reciprocal(q, g, k1=0), 'k1 must be at least 1, got 0'),
        (lambda q, g: k_reciprocal(q, g, k2=0), 'k2 must be at least 1, got 0'),
        (lambda q, g: k_reciprocal(q, g, lambda_value=1.1), r'lambda_value must be in \[0, 1\], got 1.1'),
        (lambda q, g: k_reciprocal(q, g, lambda_value=float('nan')), 'got nan'),
        (lambda q, g: k_reciprocal(q[:0], g), 'got 0 and 6 images'),
        (lambda q, g: average_query_expansion(q, g[:0]), 'got 4 and 0 images'),
        (lambda q, g: average_query_expansion(q, g, top=0), 'top must be at least 1, got 0'),
        (lambda q, g: k_reciprocal(q[:, :5], g), 'Query features have 5 dimensions and gallery features 8'),
        (lambda q, g: k_reciprocal(q, 20 * g), '6 of 6 gallery features are not of unit length, the first has 20;'),
        (lambda q, g: average_query_expansion(q + np.nan, g), '4 of 4 query features are not of unit length'),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(*clusters(0, 4, 6))


@pytest.mark.parametrize('rerank', RERANKERS.values(), ids=RERANKERS.keys())
def test_mean_average_precision_rises_on_clustered_features(rerank):
    """Identity, a shift between the modalities, and noise: the case that re-ranking is for."""
    rng = np.random.default_rng(0)
    rows = [(pid, camid, shot) for pid in range(40) for camid in range(1, 7) for shot in range(4)]
    pids, camids, _ = np.array(rows).T
    images = SimpleNamespace(
        pids=pids,
        camids=camids,
        modalities=np.isin(camids, (3, 6)).astype(int),
        img_paths=[f'cam{camid}/{pid:04d}/{shot:04d}.jpg' for pid, camid, shot in rows],
    )
    centres, shift = rng.normal(size=(40, 64)), rng.normal(size=64)
    noise = rng.normal(size=(len(rows), 64))
    features = l2_normalize(centres[pids] + 0.5 * shift * images.modalities[:, None] + 1.6 * noise)

    def mean_ap(distances):
        return evaluate_trials(images, SYSUProtocol('all'), distances, pairwise=False).mean('mAP')

    before = mean_ap(lambda query, gallery: lambda rows: -features[query[rows]] @ features[gallery].T)
    after = mean_ap(lambda query, gallery: rerank(features[query], features[gallery]))
    assert after > before + 0.03, (before, after)
