"""What must hold for every evaluation, whatever the figures: properties tested on many drawn problems."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from haresreid.evaluation import METRIC_NAMES, FeatureSet, LLCMProtocol, RegDBProtocol, SYSUProtocol, evaluate
from haresreid.evaluation.functional import QueryScores, cmc_curve, l2_normalize, retrieval, score_queries

# derandomize: the same problems in every run, so that the suite is green or red for everybody
common = settings(max_examples=40, deadline=None, derandomize=True, database=None)
PROTOCOLS = [
    SYSUProtocol('all'),
    SYSUProtocol('indoor', 10),
    LLCMProtocol('v2i'),
    LLCMProtocol('v2i', True),
    RegDBProtocol('i2v'),
]


@st.composite
def problems(draw):
    """Distances (Q, G), query and gallery identities, exclusions, count_identities; at least one query is valid."""
    num_queries, num_gallery = draw(st.integers(1, 12)), draw(st.integers(2, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pids = rng.integers(0, draw(st.integers(1, 12)), num_queries + num_gallery)
    pids[0] = pids[-1]  # a correct image
    # few levels make many ties
    distances = rng.integers(0, draw(st.sampled_from([3, 20, 10**6])), (num_queries, num_gallery)).astype(float)
    excluded = rng.random(distances.shape) < draw(st.sampled_from([0, 0.3]))
    excluded[0, -1] = False
    return distances, pids[:num_queries], pids[num_queries:], excluded, draw(st.booleans())


def figures(scores: QueryScores) -> np.ndarray:
    return np.append(cmc_curve(scores), [scores.ap[scores.valid].mean(), scores.inp[scores.valid].mean()])


def without_ties(distances: np.ndarray) -> np.ndarray:
    """The same order with ties broken by column, so that columns may move."""
    return np.argsort(np.argsort(distances, axis=1, kind='stable'), axis=1).astype(float)


@common
@given(problems(), st.randoms())
def test_permuting_the_gallery_changes_nothing(problem, random):
    distances, query_pids, gallery_pids, excluded, count_identities = problem
    distances = without_ties(distances)
    order = np.array(random.sample(range(len(gallery_pids)), len(gallery_pids)))
    moved = score_queries(distances[:, order], query_pids, gallery_pids[order], excluded[:, order], count_identities)
    for got, expected in zip(moved, score_queries(distances, query_pids, gallery_pids, excluded, count_identities)):
        assert np.array_equal(got, expected)


@common
@given(problems(), st.randoms())
def test_relabelling_identities_changes_nothing(problem, random):
    distances, query_pids, gallery_pids, excluded, count_identities = problem
    names = np.array(random.sample(range(-1000, 1000), 12))
    renamed = score_queries(distances, names[query_pids], names[gallery_pids], excluded, count_identities)
    for got, expected in zip(renamed, score_queries(distances, query_pids, gallery_pids, excluded, count_identities)):
        assert np.array_equal(got, expected)


@common
@given(problems(), st.integers(0, 12))
def test_an_invalid_query_changes_nothing(problem, place):
    distances, query_pids, gallery_pids, excluded, count_identities = problem
    stranger = [
        np.insert(array, min(place, len(array)), value, axis=0)
        for array, value in ((distances, 0), (query_pids, 99), (excluded, False))
    ]
    scores = score_queries(stranger[0], stranger[1], gallery_pids, stranger[2], count_identities)
    assert not scores.valid[stranger[1] == 99].any()
    np.testing.assert_array_equal(
        figures(scores), figures(score_queries(distances, query_pids, gallery_pids, excluded, count_identities))
    )


@common
@given(problems(), st.sampled_from([np.exp2, np.sqrt, np.square, lambda x: x**3 + x, lambda x: 5 * x - 7]))
def test_increasing_transforms_of_the_distance_change_nothing(problem, transform):
    distances, query_pids, gallery_pids, excluded, count_identities = problem
    if transform is np.exp2:
        distances = without_ties(distances)  # at most 40 levels, each exact as a power of two
    scores = score_queries(transform(distances), query_pids, gallery_pids, excluded, count_identities)
    for got, expected in zip(scores, score_queries(distances, query_pids, gallery_pids, excluded, count_identities)):
        assert np.array_equal(got, expected)


@common
@given(problems())
def test_torch_and_numpy_agree(problem):
    distances, query_pids, gallery_pids, excluded, count_identities = problem
    expected = score_queries(distances, query_pids, gallery_pids, excluded, count_identities)
    with pytest.MonkeyPatch.context() as patch:  # the sort of GPUs, which is torch's
        patch.setattr(retrieval, '_sort_rows', lambda keys: keys.sort(dim=1).values)
        scores = score_queries(
            torch.from_numpy(distances), query_pids, gallery_pids, torch.from_numpy(excluded), count_identities
        )
    for got, one in zip(scores, expected):
        np.testing.assert_allclose(got, one, rtol=0, atol=1e-6)


SOME_NOISE = st.sampled_from([0.0, 0.5, 2.0])


@st.composite
def feature_sets(draw, noise=SOME_NOISE):
    """Features of 3 to 12 people, several images each in every camera of SYSU-MM01."""
    num_ids, shots = draw(st.integers(3, 12)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pids, camids, _ = (part.ravel() for part in np.meshgrid(range(num_ids), range(1, 7), range(shots)))
    features = np.eye(num_ids)[pids] + draw(noise) * rng.standard_normal((len(pids), num_ids))
    return FeatureSet(
        l2_normalize(features),
        pids,
        camids,
        np.isin(camids, (3, 6)),
        [f'{index:04d}.jpg' for index in range(len(pids))],
    )


@common
@given(feature_sets(), st.sampled_from(PROTOCOLS))
def test_torch_and_numpy_products_agree(feature_set, protocol):
    on_numpy, on_torch = evaluate(feature_set, protocol), evaluate(feature_set, protocol, device='cpu')
    for metric in METRIC_NAMES:
        np.testing.assert_allclose(on_torch.figures[metric], on_numpy.figures[metric], rtol=0, atol=1e-6)


@common
@given(feature_sets(noise=st.just(0.0)), st.sampled_from(PROTOCOLS))
def test_a_perfect_feature_gives_one(feature_set, protocol):
    result = evaluate(feature_set, protocol)
    assert all((result.figures[metric] == 1).all() for metric in METRIC_NAMES) and (result.cmc == 1).all()


@common
@given(feature_sets(), st.sampled_from(PROTOCOLS), st.randoms())
def test_the_order_of_the_images_changes_nothing(feature_set, protocol, random):
    order = np.array(random.sample(range(len(feature_set)), len(feature_set)))
    moved = FeatureSet(
        *(getattr(feature_set, name)[order] for name in ('features', 'pids', 'camids', 'modalities')),
        [feature_set.img_paths[index] for index in order],
    )
    result, expected = evaluate(moved, protocol), evaluate(feature_set, protocol)
    for metric in METRIC_NAMES:
        np.testing.assert_allclose(result.figures[metric], expected.figures[metric], rtol=0, atol=1e-12)
