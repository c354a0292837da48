import pickle

import numpy as np
import pytest

from haresreid.datasets import CrossModalityIdentitySampler, JointIdentitySampler
from haresreid.structures import Modality

from .test_cross_modality_identity_sampler import make_set

MODULE = 'haresreid.datasets.samplers.cross_modality_identity_sampler'
DATA = make_set(12, 5, 4)
GENERATOR = dict(num_ids=3, num_instances=2)


def make(num_ids=4, generator=GENERATOR, **settings):
    return JointIdentitySampler(DATA, num_ids, 2, generator, seed=3, **settings)


def batches(sampler, size):
    indices = list(sampler)
    assert len(indices) == len(sampler)
    return [indices[start : start + size] for start in range(0, len(indices), size)]


def test_a_batch_is_that_of_the_plain_sampler_and_one_for_the_generator():
    sampler, plain = make(), CrossModalityIdentitySampler(DATA, 4, 2, seed=3)
    sampler.set_epoch(1), plain.set_epoch(1)
    ours = batches(sampler, 16 + 12)
    assert len(ours) == plain.num_batches == 60 // 8 + 1
    theirs = batches(plain, 16)
    for batch, expected in zip(ours, theirs, strict=True):
        assert [(index, index.seed, index.role) for index in batch[:16]] == [(i, i.seed, None) for i in expected]
        drawn = batch[16:]
        assert {index.role for index in drawn} == {'generator'}
        labels = DATA.labels[drawn].reshape(2, 6)
        assert np.array_equal(labels[0], labels[1]) and len(set(labels[0])) == 3
        assert DATA.modalities[drawn].tolist() == [0] * 6 + [1] * 6
    assert len({index.seed for batch in ours for index in batch}) == len(ours) * 28


def test_epochs_differ_and_repeat_themselves():
    sampler = make(num_batches=5)
    epochs = []
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        epochs.append([(index, index.seed) for index in sampler if index.role])
    assert len(epochs[0]) == 5 * 12 and epochs[0] == epochs[2] != epochs[1]


def test_two_ranks_draw_what_one_process_draws(monkeypatch):
    alone = batches(make(num_batches=3), 28)
    ranks = []
    for rank in range(2):
        monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda rank=rank: (rank, 2))
        half = dict(GENERATOR, num_ids=1)
        ranks.append(batches(make(2, half, num_batches=3), 8 + 4))
    monkeypatch.undo()
    whole = batches(make(4, dict(GENERATOR, num_ids=2), num_batches=3), 16 + 8)
    assert len(alone) == len(whole) == 3
    for expected, *parts in zip(whole, *ranks, strict=True):
        assert sorted((i, i.seed) for part in parts for i in part) == sorted((i, i.seed) for i in expected)


def test_the_role_survives_the_way_to_a_worker():
    index = list(make())[-1]
    copy = pickle.loads(pickle.dumps(index))
    assert (copy, copy.seed, copy.role) == (index, index.seed, 'generator')


def test_the_batch_size_follows():
    class Data:
        MODALITIES = tuple(Modality)

    cfg = dict(num_ids=16, num_instances=4, generator=dict(num_ids=3, num_instances=3))
    assert JointIdentitySampler.batch_size_of(cfg, Data) == 128 + 18
    assert JointIdentitySampler.batch_size_of(dict(cfg, generator={}), Data) is None


def test_too_few_people_for_the_generator_are_named():
    with pytest.raises(ValueError, match='12 identities, fewer than the 13 of one'):
        make(generator=dict(num_ids=13, num_instances=1))
