import numpy as np
import pytest

from haresreid.deploy.reduction import fit_reduction
from haresreid.evaluation.functional import l2_normalize


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    return l2_normalize(rng.standard_normal((200, 12)) * np.linspace(3, 0.5, 12) + 1)


@pytest.mark.parametrize('whiten', [False, True])
def test_it_is_the_eigenvectors_of_the_covariance(features, whiten):
    values, vectors = np.linalg.eigh(np.cov(features.astype(np.float64), rowvar=False))
    axes = vectors[:, ::-1][:, :5] / (np.sqrt(values[::-1][:5]) if whiten else 1)
    expected = l2_normalize((features - features.mean(axis=0)) @ axes)
    found = fit_reduction(features, 5, whiten)(features)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-5)  # an axis may point either way


def test_all_dimensions_of_centred_features_keep_their_similarities(features):
    centred = l2_normalize(features - features.mean(axis=0))
    found = fit_reduction(features, 12)(features)
    np.testing.assert_allclose(found @ found.T, centred @ centred.T, atol=1e-5)


@pytest.mark.parametrize('dims, number, most', [(13, 200, 12), (5, 5, 4)])
def test_too_many_dimensions_are_refused(features, dims, number, most):
    with pytest.raises(
        ValueError, match=f'{dims} dimensions cannot be made of 12, .*{number} images: give 1 to {most}'
    ):
        fit_reduction(features[:number], dims)
