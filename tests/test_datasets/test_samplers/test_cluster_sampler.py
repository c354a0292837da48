import numpy as np
import pytest

from haresreid.datasets import ClusterSampler


class Images:
    """40 visible and 20 infrared images; there are no labels to read."""

    modalities = np.repeat([0, 1], [40, 20])
    MODALITIES = (0, 1)


CLUSTERS = np.concatenate([np.arange(40) % 6 - 1, np.arange(20) % 5 - 1])  # five visible and four infrared ones


def make(**changes):
    sampler = ClusterSampler(Images(), **{'num_ids': 3, 'num_instances': 4, 'seed': 1, **changes})
    sampler.set_clusters(CLUSTERS)
    return sampler


def batches(sampler):
    drawn = list(sampler)
    size = len(drawn) // sampler.num_batches
    return [drawn[start : start + size] for start in range(0, len(drawn), size)]


def test_a_batch_has_p_clusters_of_each_modality_with_k_images_each():
    sampler = make(num_batches=30)
    assert len(list(sampler)) == len(sampler) == 30 * 24
    for batch in batches(sampler):
        for modality, part in ((0, batch[:12]), (1, batch[12:])):
            assert (Images.modalities[part] == modality).all()
            assert [index.label for index in part] == CLUSTERS[part].tolist()
            groups = np.reshape([index.label for index in part], (3, 4))
            assert (groups == groups[:, :1]).all() and len(set(groups[:, 0])) == 3
            for images in np.reshape(part, (3, 4)):
                assert len(set(images)) == 4  # every cluster has as many or more
    drawn = {int(index) for batch in batches(sampler) for index in batch}
    assert drawn == set(np.flatnonzero(CLUSTERS >= 0))  # those of no cluster never


def test_an_epoch_is_as_long_as_its_largest_modality_unless_told():
    assert make().num_batches == 40 // 12 + 1
    assert ClusterSampler.batch_size_of(dict(num_ids=3, num_instances=4), Images) == 24


def test_small_clusters_and_few_ones_are_repeated():
    labels = np.where(np.arange(60) % 30 < 2, np.arange(60) % 2, -1)
    labels[40:] = np.arange(20) % 2
    sampler = make()
    sampler.set_clusters(labels)
    for batch in batches(sampler):
        assert len(batch) == 24 and {index.label for index in batch} <= {0, 1}


def test_epochs_differ_and_a_seed_gives_the_same_again():
    first, second = make(), make()
    assert [(int(i), i.seed, i.label) for i in first] == [(int(i), i.seed, i.label) for i in second]
    second.set_epoch(1)
    assert list(first) != list(second)
    assert len({index.seed for sampler in (first, second) for index in sampler}) == 2 * len(first)


def test_ranks_share_the_batch_of_one_process(monkeypatch):
    whole = batches(make(num_ids=4, num_batches=5))
    shares = []
    for rank in (0, 1):
        monkeypatch.setattr('haresreid.datasets.samplers.cluster_sampler.get_dist_info', lambda rank=rank: (rank, 2))
        shares.append(batches(make(num_ids=2, num_batches=5)))
    for batch, first, second in zip(whole, *shares):
        joined = [*first[:8], *second[:8], *first[8:], *second[8:]]
        assert [(int(i), i.seed, i.label) for i in joined] == [(int(i), i.seed, i.label) for i in batch]


def test_draws_leave_the_global_generator_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()
    list(make())
    assert np.random.get_state()[1].tolist() == before


def test_one_cluster_gives_nothing_to_contrast():
    labels = CLUSTERS.copy()
    labels[40:] = 0
    with pytest.raises(ValueError, match='The 20 infrared images form 1 clusters, and a batch contrasts two or more'):
        make().set_clusters(labels)


def test_what_it_cannot_draw_is_refused():
    with pytest.raises(ValueError, match='num_ids and num_instances must be 1 or more, not 0 and 4'):
        make(num_ids=0)
    images = Images()
    images.unreadable = 'skip'
    with pytest.raises(ValueError, match="unreadable='skip' replaces an image by another one of the same person"):
        ClusterSampler(images, 2, 2, seed=0)
