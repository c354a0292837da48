from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.datasets import AlternatingIdentitySampler
from haresreid.structures import Modality

MODULE = 'haresreid.datasets.samplers.cross_modality_identity_sampler'


def make_set(counts: list[tuple[int, int]], seed: int = 0) -> SimpleNamespace:
    """For each identity so many visible and infrared images, in no order."""
    rows = [(pid, kind) for pid, both in enumerate(counts) for kind, count in enumerate(both) for _ in range(count)]
    labels, modalities = np.random.RandomState(seed).permutation(rows).T
    return SimpleNamespace(labels=labels, modalities=modalities, MODALITIES=tuple(Modality))


UNEQUAL = [(9, 4), (5, 5), (3, 8), (4, 4), (12, 13), (2, 9)]  # 4, 5, 3, 4, 12 and 2 pairs


def test_a_batch_pairs_the_modalities_in_turn():
    dataset = make_set(UNEQUAL)
    sampler = AlternatingIdentitySampler(dataset, num_ids=3, num_instances=2, seed=0)
    for batch in np.reshape(list(sampler), (-1, 12)):
        assert dataset.modalities[batch].tolist() == [0, 1] * 6
        labels = dataset.labels[batch].reshape(3, 4)
        assert (labels == labels[:, :1]).all() and len(set(labels[:, 0])) == 3


def test_an_epoch_shows_an_image_once_or_not_at_all_and_ends_when_too_few_identities_have_a_group():
    dataset = make_set(UNEQUAL)
    sampler = AlternatingIdentitySampler(dataset, num_ids=3, num_instances=2, seed=0)
    lengths, shown = set(), set()
    for epoch in range(50):
        sampler.set_epoch(epoch)
        drawn = [int(index) for index in sampler]
        assert len(drawn) == len(set(drawn)) == len(sampler)
        groups = np.array([2, 2, 1, 2, 6, 1])
        groups -= np.bincount(dataset.labels[drawn], minlength=6) // 4
        assert (groups >= 0).all() and np.count_nonzero(groups) < 3
        lengths.add(len(sampler) // 12)
        shown |= set(drawn)
    assert lengths == {3, 4}  # by the draws
    assert len(shown) == len(dataset.labels)  # what is left over differs from epoch to epoch


def test_images_of_the_poorer_modality_are_repeated_if_asked_for():
    dataset = make_set([(9, 4), (4, 8), (8, 8)])
    sampler = AlternatingIdentitySampler(dataset, num_ids=1, num_instances=2, seed=0, repeat=True)
    for epoch in range(5):
        sampler.set_epoch(epoch)
        times = np.bincount([int(index) for index in sampler], minlength=len(dataset.labels))
        # 4, 4 and 4 groups of two pairs: of the nine visible images of the first identity one is left over
        assert times.sum() == len(sampler) == 3 * 4 * 4
        for pid, counts in enumerate([([1] * 8 + [0], [2] * 4), ([2] * 4, [1] * 8), ([1] * 8, [1] * 8)]):
            for kind, expected in enumerate(counts):
                found = times[(dataset.labels == pid) & (dataset.modalities == kind)]
                if (pid, kind) == (0, 1):  # nine draws of four images, one of them left over
                    assert found.sum() == 8 and found.max() <= 3
                else:
                    assert sorted(found, reverse=True) == expected


def test_on_regdb_every_image_is_shown_but_for_the_last_identities():
    regdb = make_set([(10, 10)] * 206)
    sampler = AlternatingIdentitySampler(regdb, num_ids=12, num_instances=5, seed=0)
    # 412 groups are 34 batches of 12 and four over; the draws may leave both groups of some identity
    for epoch in range(10):
        sampler.set_epoch(epoch)
        assert 33 <= len(sampler) // 120 <= 34


@pytest.mark.parametrize('world_size', [2, 3])
def test_ranks_share_the_batches_of_one_process(world_size, monkeypatch):
    dataset = make_set([(9, 8)] * 8)
    alone = AlternatingIdentitySampler(dataset, 2 * world_size, num_instances=2, seed=3)
    alone.set_epoch(1)
    steps = np.reshape([(index, *index.seed) for index in alone], (-1, world_size, 8, 5))
    for rank in range(world_size):
        monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda rank=rank: (rank, world_size))
        sampler = AlternatingIdentitySampler(dataset, 2, num_instances=2, seed=3)
        sampler.set_epoch(1)
        drawn = [(index, *index.seed) for index in sampler]
        assert len(drawn) == len(sampler) == len(alone) / world_size
        assert np.array_equal(np.reshape(drawn, (-1, 8, 5)), steps[:, rank])


def test_draws_depend_on_seed_and_epoch_alone():
    dataset = make_set(UNEQUAL)
    first, second = (AlternatingIdentitySampler(dataset, 3, 2, seed=seed) for seed in (7, 8))
    before = list(first)
    assert list(first) == before != list(second)
    first.set_epoch(1)
    assert list(first) == list(second)


def test_a_training_set_without_a_batch_is_refused():
    with pytest.raises(ValueError, match='fewer than 3 training identities have 5 images in each modality; lower'):
        AlternatingIdentitySampler(make_set(UNEQUAL), num_ids=3, num_instances=5)


def test_the_batch_size_follows():
    cfg = dict(num_ids=16, num_instances=4)
    assert AlternatingIdentitySampler.batch_size_of(cfg, SimpleNamespace(MODALITIES=(0, 1))) == 128
