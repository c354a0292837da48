from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import DataLoader

from haresreid.datasets import SYSUMM01, CrossModalityIdentitySampler
from haresreid.structures import Modality

MODULE = 'haresreid.datasets.samplers.cross_modality_identity_sampler'


def make_set(num_ids, num_visible, num_infrared):
    """Visible images first, then infrared ones, each sorted by label."""
    labels = np.concatenate([np.repeat(np.arange(num_ids), num_visible), np.repeat(np.arange(num_ids), num_infrared)])
    modalities = np.repeat([0, 1], [num_ids * num_visible, num_ids * num_infrared])
    return SimpleNamespace(labels=labels, modalities=modalities, MODALITIES=tuple(Modality))


def reference_stream(dataset, num_ids, num_instances, seed, num_batches, replace=True):
    """The published sampler in its own words: lists per label, draws from numpy's legacy generator."""
    rng = np.random.RandomState(seed)
    lists = {
        m: [
            [i for i in range(len(dataset.labels)) if dataset.labels[i] == c and dataset.modalities[i] == m]
            for c in range(max(dataset.labels) + 1)
        ]
        for m in (0, 1)
    }
    stream = []
    for _ in range(num_batches):
        visible, infrared = [], []
        for label in rng.choice(sorted(set(dataset.labels)), num_ids, replace=False):
            visible += list(rng.choice(lists[0][label], num_instances, replace))
            infrared += list(rng.choice(lists[1][label], num_instances, replace))
        stream.append(visible + infrared)
    return stream


def test_golden_batches():
    visible = [
        [27, 29, 25, 25, 10, 11, 11, 10, 8, 5, 7, 8, 18, 18, 15, 16],
        [2, 4, 2, 0, 5, 9, 6, 9, 25, 26, 26, 26, 18, 17, 18, 15],
    ]
    infrared = [
        [20, 22, 21, 22, 9, 8, 11, 8, 4, 5, 7, 5, 13, 13, 15, 12],
        [0, 0, 1, 1, 5, 6, 6, 7, 21, 23, 22, 23, 14, 15, 13, 12],
    ]
    sampler = CrossModalityIdentitySampler(make_set(6, 5, 4), num_ids=4, num_instances=4, seed=0)

    batches = np.array(list(sampler)).reshape(2, 2, 16)
    assert batches[:, 0].tolist() == visible
    assert (batches[:, 1] - 30).tolist() == infrared


@pytest.mark.parametrize('replacement', [True, False])
@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (3, 2), (4, 7)])
def test_equals_the_published_laws(num_ids, num_instances, replacement):
    dataset = make_set(11, 7, 9)
    sampler = CrossModalityIdentitySampler(dataset, num_ids, num_instances, seed=5, replacement=replacement)
    num_batches = 99 // (num_ids * num_instances) + 1
    assert np.reshape(list(sampler), (num_batches, -1)).tolist() == reference_stream(
        dataset, num_ids, num_instances, 5, num_batches, replacement
    )


# of 10 images 8 draws with replacement meet 10 * (1 - 0.9**8) = 5.70; the mean of 520 such draws is within 0.1 of that
@pytest.mark.parametrize('replacement, distinct', [(True, 5.70), (False, 8)])
def test_how_many_different_images_hcs_batch_shows_on_regdb(replacement, distinct):
    regdb = make_set(206, 10, 10)
    sampler = CrossModalityIdentitySampler(regdb, num_ids=4, num_instances=8, seed=0, replacement=replacement)
    counts = [len(set(images)) for images in np.reshape(list(sampler), (-1, 8)).tolist()]
    assert len(counts) == 520 and np.mean(counts) == pytest.approx(distinct, abs=0.1 if replacement else 0)


def test_without_replacement_too_few_images_are_repeated():
    dataset = make_set(3, 2, 5)
    sampler = CrossModalityIdentitySampler(dataset, num_ids=3, num_instances=4, seed=0, replacement=False)
    for visible, infrared in np.reshape(list(sampler), (-1, 2, 3, 4)):
        assert all(len(set(images)) == 4 for images in infrared.tolist())
        assert all(1 <= len(set(images)) <= 2 for images in visible.tolist())


def test_batches_pair_the_modalities():
    dataset = make_set(9, 6, 5)
    shuffled = np.random.RandomState(1).permutation(len(dataset.labels))
    dataset.labels, dataset.modalities = dataset.labels[shuffled], dataset.modalities[shuffled]
    sampler = CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=3, seed=2)

    for batch in np.reshape(list(sampler), (-1, 24)):
        assert dataset.modalities[batch].tolist() == [0] * 12 + [1] * 12
        blocks = dataset.labels[batch].reshape(2, 4, 3)
        assert (blocks == blocks[:, :, :1]).all() and (blocks[0] == blocks[1]).all()
        assert len(set(blocks[0, :, 0])) == 4


# (visible, infrared, ids) of the training subsets; iterations for P4K4, P8K4, P6K8, P6K4
@pytest.mark.parametrize(
    'visible, infrared, ids, iterations',
    [
        (22258, 11909, 395, (1392, 696, 464, 928)),
        (2060, 2060, 206, (129, 65, 43, 86)),
        (16946, 13975, 713, (1060, 530, 354, 707)),
    ],
)
def test_iterations_per_epoch(visible, infrared, ids, iterations):
    dataset = SimpleNamespace(
        labels=np.concatenate([np.arange(visible) % ids, np.arange(infrared) % ids]),
        modalities=np.repeat([0, 1], [visible, infrared]),
        MODALITIES=tuple(Modality),
    )
    for (num_ids, num_instances), expected in zip(((4, 4), (8, 4), (6, 8), (6, 4)), iterations):
        sampler = CrossModalityIdentitySampler(dataset, num_ids, num_instances, seed=0)
        assert len(sampler) == expected * 2 * num_ids * num_instances


def test_length_is_the_number_of_indices():
    sampler = CrossModalityIdentitySampler(make_set(6, 5, 4), num_ids=4, num_instances=4, seed=0)
    assert len(sampler) == len(list(sampler)) == 64


def test_one_image_is_repeated():
    dataset = make_set(2, 1, 1)
    sampler = CrossModalityIdentitySampler(dataset, num_ids=2, num_instances=4, seed=0)
    batch = np.array(list(sampler)).reshape(4, 4)
    assert (batch == batch[:, :1]).all()
    assert sorted(batch[:, 0]) == [0, 1, 2, 3]


@pytest.mark.parametrize('world_size', [2, 3, 4])
def test_ranks_share_the_batches_of_one_process(world_size, monkeypatch):
    """Rank r has the r-th P identities of the batch of one process, with the augmentation that they have there."""
    num_ids, num_instances = 2, 3
    dataset = make_set(9, 25, 4)
    alone = CrossModalityIdentitySampler(dataset, world_size * num_ids, num_instances, seed=3)
    alone.set_epoch(1)
    steps = np.reshape([(index, *index.seed) for index in alone], (-1, 2, world_size, num_ids * num_instances, 5))
    for rank in range(world_size):
        monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda rank=rank: (rank, world_size))
        sampler = CrossModalityIdentitySampler(dataset, num_ids, num_instances, seed=3)
        sampler.set_epoch(1)
        drawn = [(index, *index.seed) for index in sampler]
        assert len(drawn) == len(sampler) == len(alone) / world_size
        assert np.array_equal(np.reshape(drawn, (-1, 2, num_ids * num_instances, 5)), steps[:, :, rank])
    people = dataset.labels[steps[..., 0]].reshape(len(steps), 2, world_size * num_ids, num_instances)
    assert all(len(np.unique(step)) == world_size * num_ids for step in people)


def test_more_ranks_than_the_identities_allow(monkeypatch):
    monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda: (0, 3))
    with pytest.raises(ValueError, match='11 identities, fewer than the 4 of one batch on each of 3 ranks'):
        CrossModalityIdentitySampler(make_set(11, 2, 2), num_ids=4, num_instances=4)


def test_epoch_is_added_to_the_seed():
    dataset = make_set(6, 5, 4)
    sampler = CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=4, seed=7)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(2)
    assert list(sampler) == list(CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=4, seed=9)) != first


def test_global_random_state_is_left_alone():
    np.random.seed(123)
    before = np.random.get_state()[1].copy()
    sampler = CrossModalityIdentitySampler(make_set(6, 5, 4), num_ids=4, num_instances=4, seed=0)
    first = list(sampler)
    assert (np.random.get_state()[1] == before).all()
    np.random.rand(5)
    assert list(sampler) == first


def test_seed_is_drawn_when_none_is_given():
    sampler = CrossModalityIdentitySampler(make_set(6, 5, 4), num_ids=4, num_instances=4)
    assert isinstance(sampler.seed, int)
    assert list(sampler) == list(sampler)


def test_too_few_identities():
    with pytest.raises(ValueError, match='3 identities, fewer than the 4 of one batch'):
        CrossModalityIdentitySampler(make_set(3, 5, 4), num_ids=4, num_instances=4)


def test_identity_without_one_modality():
    dataset = make_set(4, 2, 2)
    dataset.modalities[dataset.labels == 2] = 0
    with pytest.raises(ValueError, match='label 2 has no infrared image'):
        CrossModalityIdentitySampler(dataset, num_ids=2, num_instances=2)


@pytest.mark.parametrize('num_ids, num_instances', [(0, 4), (4, 0), (-1, 4)])
def test_batches_of_nothing(num_ids, num_instances):
    with pytest.raises(ValueError, match=f'1 or more, not {num_ids} and {num_instances}'):
        CrossModalityIdentitySampler(make_set(4, 2, 2), num_ids, num_instances)


@pytest.mark.parametrize('drop_last', [False, True])
@pytest.mark.parametrize('world_size', [1, 2])
def test_a_loader_of_that_batch_size_drops_and_cuts_nothing(world_size, drop_last, monkeypatch):
    """As configs have it: every batch of every rank is P people in both modalities."""
    monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda: (0, world_size))
    dataset = make_set(9, 6, 5)
    sampler = CrossModalityIdentitySampler(dataset, num_ids=4, num_instances=3, seed=0)
    size = CrossModalityIdentitySampler.batch_size_of(dict(num_ids=4, num_instances=3), SYSUMM01)
    loader = DataLoader(range(99), batch_size=size, sampler=sampler, drop_last=drop_last)
    batches = [batch.tolist() for batch in loader]
    assert len(batches) == sampler.num_batches == 54 // (12 * world_size) + 1
    for batch in batches:
        labels, modalities = dataset.labels[batch], dataset.modalities[batch]
        assert modalities.tolist() == [0] * 12 + [1] * 12
        assert (labels[:12] == labels[12:]).all() and len(set(labels)) == 4


def test_a_third_modality_is_a_third_part_of_every_batch():
    labels, modalities = np.tile(np.arange(5).repeat(4), 3), np.arange(3).repeat(20)
    dataset = SimpleNamespace(labels=labels, modalities=modalities, MODALITIES=(0, 1, 2))
    sampler = CrossModalityIdentitySampler(dataset, num_ids=2, num_instances=3, seed=0)
    size = CrossModalityIdentitySampler.batch_size_of(dict(num_ids=2, num_instances=3), dataset)
    batches = np.array(list(sampler)).reshape(-1, size)
    assert size == 18 and len(batches) == sampler.num_batches
    for batch in batches:
        assert modalities[batch].tolist() == [0] * 6 + [1] * 6 + [2] * 6
        assert (labels[batch].reshape(3, 6) == labels[batch[:6]]).all()
