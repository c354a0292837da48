import pickle
import random

import numpy as np
import torch
from torch.utils.data import DataLoader

from haresreid.datasets import CrossModalityIdentitySampler, SeededIndex
from haresreid.datasets.vireid_dataset import VIReIDDataset


class RandomNumbers(VIReIDDataset):
    """Six people; an item is what the three generators draw for it."""

    def list_images(self):
        return [
            dict(img_path=f'{pid}_{modality}_{k}', pid=pid, camid=1, modality=modality)
            for pid in range(6)
            for modality in (0, 1)
            for k in range(3)
        ]

    def prepare_data(self, idx):
        super().prepare_data(idx)
        return torch.tensor([np.random.rand(), random.random(), torch.rand(()).item()])


def draws(tmp_path, num_workers, epoch=0):
    dataset = RandomNumbers(str(tmp_path), check_counts=False)
    sampler = CrossModalityIdentitySampler(dataset, num_ids=2, num_instances=2, seed=3)
    sampler.set_epoch(epoch)
    return torch.cat(list(DataLoader(dataset, batch_size=8, sampler=sampler, num_workers=num_workers)))  # (N, 3)


def test_survives_pickling():
    drawn = pickle.loads(pickle.dumps(SeededIndex(7, seed=(1, 2))))
    assert (drawn, drawn.seed) == (7, (1, 2))


def test_draws_do_not_depend_on_the_workers(tmp_path):
    alone = draws(tmp_path, num_workers=0)
    assert torch.equal(alone, draws(tmp_path, num_workers=2))
    assert len(alone.unique(dim=0)) == len(alone)  # every image has draws of its own


def test_every_epoch_has_draws_of_its_own(tmp_path):
    first, second = draws(tmp_path, 0, epoch=0), draws(tmp_path, 0, epoch=1)
    assert not (first == second).any()
