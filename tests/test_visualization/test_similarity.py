import numpy as np
import pytest

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize
from haresreid.visualization import draw_similarity, similarity_distributions


@pytest.fixture
def feature_set():
    rng = np.random.default_rng(0)
    return FeatureSet(
        l2_normalize(rng.standard_normal((60, 5))),
        rng.integers(0, 6, 60),
        rng.integers(1, 4, 60),
        rng.integers(0, 2, 60),
        [f'{number}.png' for number in range(60)],
    )


def slow_similarities(feature_set):
    """Those of one identity and those of two, pair by pair."""
    intra, inter = [], []
    for i in range(len(feature_set)):
        for j in range(len(feature_set)):
            if feature_set.modalities[i] == 0 and feature_set.modalities[j] == 1:
                similarity = float(np.dot(feature_set.features[i].astype(float), feature_set.features[j]))
                (intra if feature_set.pids[i] == feature_set.pids[j] else inter).append(similarity)
    return intra, inter


@pytest.mark.parametrize('rows_per_block', [1, 7, 1000])
def test_equals_a_loop_over_pairs(feature_set, monkeypatch, rows_per_block):
    def blocks(queries, _):
        return (slice(start, start + rows_per_block) for start in range(0, queries, rows_per_block))

    monkeypatch.setattr('haresreid.visualization.similarity.query_blocks', blocks)
    intra, inter = slow_similarities(feature_set)
    found = similarity_distributions(feature_set, bins=10)
    assert found.intra_mean == pytest.approx(np.mean(intra), abs=1e-6)
    assert found.inter_mean == pytest.approx(np.mean(inter), abs=1e-6)
    assert found.delta == pytest.approx(np.mean(intra) - np.mean(inter), abs=1e-6)
    np.testing.assert_array_equal(found.intra, np.histogram(intra, 10, (-1, 1))[0])
    np.testing.assert_array_equal(found.inter, np.histogram(inter, 10, (-1, 1))[0])


def test_rounding_loses_no_pair(feature_set):
    feature_set.features[:] = l2_normalize(np.full((1, 5), 0.7))[0] * np.float32(
        1 + 1e-6
    )  # products a little above one
    found = similarity_distributions(feature_set)
    visible = (feature_set.modalities == 0).sum()
    assert found.intra.sum() + found.inter.sum() == visible * (60 - visible)
    assert found.delta == pytest.approx(0, abs=1e-6)


def test_pictures_show_means_and_delta(feature_set, clusters, tmp_path):
    figure = draw_similarity({'noise': feature_set, 'clusters': clusters}, tmp_path / 'similarity')
    assert (tmp_path / 'similarity.svg').exists()
    for axes, shown in zip(figure.axes, (feature_set, clusters)):
        expected = similarity_distributions(shown)
        means = [line.get_xdata()[0] for line in axes.lines]
        assert means == pytest.approx([expected.intra_mean, expected.inter_mean])
        assert [text.get_text() for text in axes.texts if text.get_text()] == [f'δ = {expected.delta:.2f}']
        filled = axes.patches[0].get_data()  # a density: its area is one
        assert (filled.values * np.diff(filled.edges)).sum() == pytest.approx(1)
    assert [axes.get_title() for axes in figure.axes] == ['noise', 'clusters']
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert figure.axes[0].get_xlim()[1] == 1  # people far apart are all alike among themselves, and no cosine is larger


def test_nothing_to_compare(feature_set):
    feature_set.pids = np.arange(60)
    with pytest.raises(ValueError, match='no pair of one identity'):
        similarity_distributions(feature_set)
    feature_set.pids[:] = 1
    with pytest.raises(ValueError, match='no pair of two identities'):
        similarity_distributions(feature_set)
    feature_set.modalities[:] = 1
    with pytest.raises(ValueError, match='Among 0 visible and 60 infrared images'):
        similarity_distributions(feature_set)
