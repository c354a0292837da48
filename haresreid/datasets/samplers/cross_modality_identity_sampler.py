"""Batches of P identities, each with K images in every modality of the data set."""

from collections.abc import Iterator

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from haresreid.registry import DATA_SAMPLERS
from haresreid.structures import Modality

from .seeded_index import SeededIndex

__all__ = ['CrossModalityIdentitySampler']


@DATA_SAMPLERS.register_module()
class CrossModalityIdentitySampler(Sampler):
    """The sampling law of the AGW family of VI-ReID methods (Ye et al., TPAMI 2021).

    With P = ``num_ids``, K = ``num_instances`` and N the size of the largest modality, an epoch has
    ``floor(N / (P * K)) + 1`` batches. Each batch

    1. draws P identities without replacement, independently of earlier batches, so an epoch may miss some;
    2. draws for each identity, in drawn order, K images of each modality (visible, then infrared) **with** replacement
       (HC's code draws without);
    3. yields the P*K indices of each modality, visible before infrared, identities in the same order in each part.

    The DataLoader's ``batch_size`` must be that of :meth:`batch_size_of`; reading a config fills it in. An identity
    with fewer than K images of a modality contributes copies of them, with or without replacement. Draws depend only on
    ``seed + epoch``; the global random state is neither read nor changed. Each index is a :class:`SeededIndex`, which
    seeds the augmentation of its image.

    R ranks together draw the batches and the augmentation of one process with ``R * P`` identities. Rank r takes the
    r-th group of P identities, so no identity is on two ranks in one step.

    Args:
        dataset (BaseDataset): A data set with the arrays ``labels`` and ``modalities`` and the constant ``MODALITIES``.
        num_ids (int): Identities per batch of each rank, P.
        num_instances (int): Images per identity and modality, K.
        seed (int, optional): Random seed, equal on all ranks. None draws one and shares it. Defaults to None.
        replacement (bool): Whether a batch may show an image twice although its identity has K images or more.
            Defaults to True.

    Raises:
        ValueError: If ``num_ids`` or ``num_instances`` is below one, there are fewer identities than one step needs, or
            an identity has no images in one modality.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        num_ids: int,
        num_instances: int,
        seed: int | None = None,
        replacement: bool = True,
    ):
        if num_ids < 1 or num_instances < 1:
            raise ValueError(f'num_ids and num_instances must be 1 or more, not {num_ids} and {num_instances}.')
        self.rank, self.world_size = get_dist_info()
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.replacement = replacement
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0

        labels, modalities = np.asarray(dataset.labels), np.asarray(dataset.modalities)
        self.labels = np.unique(labels)
        if len(self.labels) < num_ids * self.world_size:
            ranks = '' if self.world_size == 1 else f' on each of {self.world_size} ranks'
            raise ValueError(
                f'The training set has {len(self.labels)} identities, fewer than the {num_ids} of one '
                f'batch{ranks}; lower num_ids.'
            )
        self.indices = {
            (label, modality): np.flatnonzero((labels == label) & (modalities == modality))
            for label in self.labels
            for modality in dataset.MODALITIES
        }
        for (label, modality), indices in self.indices.items():
            if not len(indices):
                raise ValueError(f'Training label {label} has no {Modality(modality).name.lower()} image.')

        self.modalities = dataset.MODALITIES
        largest = max(np.count_nonzero(modalities == modality) for modality in self.modalities)
        self.num_batches = largest // (self.world_size * num_ids * num_instances) + 1

    @staticmethod
    def batch_size_of(cfg: dict, dataset: type) -> int | None:
        """The number of images in a rank's batch, M x P x K.

        Args:
            cfg (dict): The config of a sampler.
            dataset (type): The class of its data set, whose ``MODALITIES`` are M.

        Returns:
            int, optional: None if M, P or K is unknown.
        """
        ids, instances, modalities = cfg.get('num_ids'), cfg.get('num_instances'), getattr(dataset, 'MODALITIES', None)
        return None if None in (ids, instances, modalities) else len(modalities) * ids * instances

    def __iter__(self) -> Iterator[int]:
        rng = np.random.RandomState(self.seed + self.epoch)
        for batch in range(self.num_batches):
            indices = self._draw_batch(rng)  # (M, R, P * K): drawn on every rank, which then takes its part
            places = np.arange(indices.size).reshape(indices.shape)
            for index, place in zip(indices[:, self.rank].flat, places[:, self.rank].flat):
                yield SeededIndex(index, seed=(self.seed, self.epoch, batch, int(place)))

    def _draw_batch(self, rng: np.random.RandomState) -> np.ndarray:
        parts = {modality: [] for modality in self.modalities}
        for label in self._draw_labels(rng):
            for modality, part in parts.items():
                images = self.indices[label, modality]
                replace = self.replacement or len(images) < self.num_instances
                part.append(rng.choice(images, self.num_instances, replace))
        return np.stack(list(parts.values())).reshape(len(parts), self.world_size, -1)  # (M, R, P * K)

    def _draw_labels(self, rng: np.random.RandomState) -> np.ndarray:
        """The identities of a batch of all ranks, one rank after the other, (R * P,)."""
        return rng.choice(self.labels, self.world_size * self.num_ids, replace=False)

    def __len__(self) -> int:
        """Number of indices on this rank."""
        return self.num_batches * len(self.modalities) * self.num_ids * self.num_instances

    def set_epoch(self, epoch: int) -> None:
        """Choose the draws of ``epoch``; MMEngine's loop calls this."""
        self.epoch = epoch
