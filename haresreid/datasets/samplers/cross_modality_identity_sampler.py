"""Batches of P identities, each with K visible and K infrared images."""

from typing import Iterator, List, Optional

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from haresreid.registry import DATA_SAMPLERS
from haresreid.structures import Modality

from .drawn_index import DrawnIndex

__all__ = ['CrossModalityIdentitySampler']


@DATA_SAMPLERS.register_module()
class CrossModalityIdentitySampler(Sampler):
    """The sampling law of the AGW family of VI-ReID methods (Ye et al., TPAMI 2021).

    One epoch, with P = ``num_ids``, K = ``num_instances`` and N the size of the larger modality, has
    ``floor(N / (P * K)) + 1`` batches. Each batch

    1. draws P identities without replacement, independently of earlier batches, so an epoch need not meet every one;
    2. draws for each identity, in drawn order, K visible and then K infrared images **with** replacement;
    3. yields the P*K visible indices, then the P*K infrared ones, identities in the same order in both halves.

    The DataLoader's ``batch_size`` must be ``2 * P * K``. An identity with one image gives K copies of it. On several
    ranks all draw one common stream and rank r takes batches r, r + world_size, ...; the stream is lengthened until
    every rank has equally many batches. Draws depend on ``seed + epoch`` alone: the global random state is neither
    read nor changed. Each index is a :class:`DrawnIndex`, which seeds the augmentation of its image.

    Args:
        dataset (BaseDataset): Has the arrays ``labels`` and ``modalities``.
        num_ids (int): Identities per batch, P.
        num_instances (int): Images per identity and modality, K.
        seed (int, optional): Random seed, equal on all ranks. None draws one and shares it. Defaults to None.

    Raises:
        ValueError: Fewer than P identities, or an identity without images in one modality.
    """

    def __init__(self, dataset: BaseDataset, num_ids: int, num_instances: int, seed: Optional[int] = None):
        self.rank, self.world_size = get_dist_info()
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0

        labels, modalities = np.asarray(dataset.labels), np.asarray(dataset.modalities)
        self.labels = np.unique(labels)
        if len(self.labels) < num_ids:
            raise ValueError(f'The training set has {len(self.labels)} identities, fewer than the {num_ids} of one '
                             'batch; lower num_ids.')
        self.indices = {(label, modality): np.flatnonzero((labels == label) & (modalities == modality))
                        for label in self.labels for modality in Modality}
        for (label, modality), indices in self.indices.items():
            if not len(indices):
                raise ValueError(f'Training label {label} has no {modality.name.lower()} image.')

        largest = max(np.count_nonzero(modalities == modality) for modality in Modality)
        num_batches = largest // (num_ids * num_instances) + 1
        self.batches_per_rank = -(-num_batches // self.world_size)

    def __iter__(self) -> Iterator[int]:
        rng = np.random.RandomState(self.seed + self.epoch)
        for batch in range(self.batches_per_rank * self.world_size):
            indices = self._draw_batch(rng)  # drawn on every rank, to keep the streams in step
            if batch % self.world_size == self.rank:
                for place, index in enumerate(indices):
                    yield DrawnIndex(index, seed=(self.seed, self.epoch, batch, place))

    def _draw_batch(self, rng: np.random.RandomState) -> List[int]:
        halves = {modality: [] for modality in Modality}
        for label in rng.choice(self.labels, self.num_ids, replace=False):
            for modality, half in halves.items():
                half.extend(rng.choice(self.indices[label, modality], self.num_instances).tolist())
        return halves[Modality.VISIBLE] + halves[Modality.INFRARED]  # (2 * P * K,)

    def __len__(self) -> int:
        """Number of indices on this rank."""
        return self.batches_per_rank * 2 * self.num_ids * self.num_instances

    def set_epoch(self, epoch: int) -> None:
        """Choose the draws of ``epoch``; MMEngine's loop calls this."""
        self.epoch = epoch
