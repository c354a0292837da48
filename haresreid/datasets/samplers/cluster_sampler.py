"""Batches of P clusters of each modality, each with K images."""

from collections.abc import Iterator

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from haresreid.registry import DATA_SAMPLERS
from haresreid.structures import Modality

from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .seeded_index import SeededIndex

__all__ = ['ClusterSampler']


@DATA_SAMPLERS.register_module()
class ClusterSampler(Sampler):
    """Draws images by clusters that :class:`ClusterHook` finds in every epoch; no identity is read.

    With P = ``num_ids`` and K = ``num_instances``, each batch draws P clusters of each modality, visible before
    infrared, and K images of each cluster, with replacement only where there are too few. The two modalities are drawn
    apart, since their clusters have nothing in common. An image's class is the number of its cluster, which the index
    carries to the pipeline.

    What is said of seeds, ranks and augmentation of :class:`CrossModalityIdentitySampler` holds here too.

    Args:
        dataset (BaseDataset): A data set with the array ``modalities`` and the constant ``MODALITIES``.
        num_ids (int): Clusters per modality in a batch of each rank, P.
        num_instances (int): Images per cluster, K.
        num_batches (int, optional): Batches of an epoch. Defaults to None: ``floor(N / (P * K)) + 1`` with N images in
            the largest modality.
        seed (int, optional): Random seed, equal on all ranks. None draws one and shares it. Defaults to None.

    Raises:
        ValueError: If ``num_ids`` or ``num_instances`` is below one, or the data set replaces unreadable images.
    """

    batch_size_of = staticmethod(CrossModalityIdentitySampler.batch_size_of)

    def __init__(
        self,
        dataset: BaseDataset,
        num_ids: int,
        num_instances: int,
        num_batches: int | None = None,
        seed: int | None = None,
    ) -> None:
        if num_ids < 1 or num_instances < 1:
            raise ValueError(f'num_ids and num_instances must be 1 or more, not {num_ids} and {num_instances}.')
        if getattr(dataset, 'unreadable', 'raise') == 'skip':
            raise ValueError(
                "unreadable='skip' replaces an image by another one of the same person, whom a training without labels "
                "does not know: leave the unreadable images out of the data set, and set unreadable='raise'."
            )
        self.rank, self.world_size = get_dist_info()
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.all_modalities = np.asarray(dataset.modalities)  # (N,)
        self.modalities = dataset.MODALITIES
        largest = max(np.count_nonzero(self.all_modalities == modality) for modality in self.modalities)
        self.num_batches = num_batches or largest // (self.world_size * num_ids * num_instances) + 1
        self.images: dict[int, list[np.ndarray]] = {}

    def set_clusters(self, labels: np.ndarray) -> None:
        """Draw by these clusters from now on.

        Args:
            labels (np.ndarray): (N,) numbers of clusters, from 0 in every modality; -1 for an image that is in none.

        Raises:
            ValueError: If a modality has fewer than two clusters.
        """
        for modality in self.modalities:
            own = self.all_modalities == modality
            clusters = labels[own].max(initial=-1) + 1
            if clusters < 2:
                raise ValueError(
                    f'The {np.count_nonzero(own)} {Modality(modality).name.lower()} images form {clusters} clusters, '
                    'and a batch contrasts two or more: change eps or min_samples of the ClusterHook, or start from '
                    'weights that tell people apart.'
                )
            self.images[modality] = [np.flatnonzero(own & (labels == cluster)) for cluster in range(clusters)]

    def __iter__(self) -> Iterator[int]:
        rng = np.random.RandomState(self.seed + self.epoch)
        for batch in range(self.num_batches):
            indices, labels = self._draw_batch(rng)  # (M, R, P * K) each: drawn on every rank, which takes its part
            places = np.arange(indices.size).reshape(indices.shape)
            for index, label, place in zip(*(drawn[:, self.rank].flat for drawn in (indices, labels, places))):
                yield SeededIndex(index, seed=(self.seed, self.epoch, batch, int(place)), label=int(label))

    def _draw_batch(self, rng: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
        """The images of a batch and their clusters."""
        drawn, labels, number = [], [], self.world_size * self.num_ids
        for modality in self.modalities:
            images = self.images[modality]
            chosen = rng.choice(len(images), number, replace=len(images) < number)
            drawn += [rng.choice(images[c], self.num_instances, len(images[c]) < self.num_instances) for c in chosen]
            labels.append(np.repeat(chosen, self.num_instances))
        shape = len(self.modalities), self.world_size, -1
        return np.reshape(drawn, shape), np.reshape(labels, shape)

    def __len__(self) -> int:
        """Number of indices on this rank."""
        return self.num_batches * len(self.modalities) * self.num_ids * self.num_instances

    def set_epoch(self, epoch: int) -> None:
        """Choose the draws of ``epoch``; MMEngine's loop calls this."""
        self.epoch = epoch
