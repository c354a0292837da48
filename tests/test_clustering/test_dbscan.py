import numpy as np
import pytest

from haresreid.clustering import cluster_images
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.reranking import jaccard_neighbors, k_reciprocal

WHOLE = dict(eps=0.5, min_samples=4, k1=4, k2=1)


@pytest.fixture
def people():
    """Features of 8 people with 5 images in each modality, and of 4 of nobody; their modalities and people."""
    rng = np.random.RandomState(0)
    centres = rng.randn(2, 8, 24)
    feats = np.concatenate([(centres[kind].repeat(5, axis=0) + 0.3 * rng.randn(40, 24)) for kind in (0, 1)])
    feats = np.concatenate([feats, 1 * rng.randn(4, 24)])
    modalities = np.repeat([0, 1, 0], [40, 40, 4])
    pids = np.concatenate([np.arange(8).repeat(5), np.arange(8).repeat(5), np.full(4, -1)])
    return l2_normalize(feats).astype(np.float32), modalities, pids


def slow_dbscan(distances, eps, min_samples):
    """The definition: cores within eps of one another are one cluster, and the others join that of a core."""
    near = distances <= eps
    cores = [i for i in range(len(near)) if near[i].sum() >= min_samples]
    clusters, seen = [], set()
    for core in cores:
        if core in seen:
            continue
        cluster, queue = set(), [core]
        while queue:
            image = queue.pop()
            if image in cluster:
                continue
            cluster.add(image)
            if image in cores:
                queue += np.flatnonzero(near[image]).tolist()
        clusters.append(cluster)
        seen |= cluster
    return {frozenset(cluster) for cluster in clusters}


def dense(neighbours):
    """Distances of all pairs, 1 where none is stored."""
    pairs, distances = neighbours.tocoo(), np.ones(neighbours.shape)
    distances[pairs.row, pairs.col] = pairs.data
    return distances


def groups(labels):
    return {frozenset(np.flatnonzero(labels == cluster)) for cluster in set(labels) - {-1}}


def test_finds_the_people_of_each_modality_and_leaves_out_nobodys_images(people):
    feats, modalities, pids = people
    labels = cluster_images(feats, modalities, **WHOLE)
    for kind in (0, 1):
        own = modalities == kind
        assert groups(labels[own]) == groups(pids[own])
        assert labels[own].max() == 7
    assert (labels[pids == -1] == -1).all()


@pytest.mark.parametrize('eps', [0.3, 0.5, 0.7])
def test_equals_the_definition_on_all_pairs(people, eps):
    feats = people[0][:40]
    distances = dense(jaccard_neighbors(feats, 0.999, k1=6, k2=2))
    labels = cluster_images(feats, np.zeros(40, dtype=int), eps, 3, 6, 2)
    assert groups(labels) == slow_dbscan(distances, eps, 3)


def test_neighbours_are_those_of_re_ranking_whose_queries_and_gallery_are_the_images(people, monkeypatch):
    feats = people[0][:40]
    order = np.arange(40).reshape(20, 2).T.ravel()  # each person is among the queries and in the gallery
    distances = k_reciprocal(feats[order[:20]], feats[order[20:]], k1=6, k2=2, lambda_value=0.0)(slice(None))
    whole = dense(jaccard_neighbors(feats[order], 0.6, k1=6, k2=2))
    near = distances <= 0.6
    assert 20 < near.sum() < 200
    assert np.array_equal(whole[:20, 20:] < 1, near)
    assert whole[:20, 20:][near] == pytest.approx(distances[near], abs=1e-12)
    assert whole == pytest.approx(whole.T, abs=1e-12)
    monkeypatch.setattr(
        'haresreid.evaluation.reranking.query_blocks', lambda count, _: (slice(i, i + 1) for i in range(count))
    )
    assert np.array_equal(dense(jaccard_neighbors(feats[order], 0.6, k1=6, k2=2)), whole)


def test_a_radius_out_of_range_is_refused(people):
    with pytest.raises(ValueError, match=r'radius must be in \[0, 1\), got 1.5'):
        cluster_images(people[0], people[1], 1.5, 3, 6, 2)


def test_without_scikit_learn_the_extra_is_named(people, monkeypatch):
    monkeypatch.setattr('haresreid.files.extras.importlib.util.find_spec', lambda name: None)
    with pytest.raises(ValueError, match=r"'sklearn', which is not installed: pip install -e \"\.\[unsupervised\]\""):
        cluster_images(*people[:2], **WHOLE)
