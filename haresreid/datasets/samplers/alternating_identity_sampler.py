"""Batches of P identities with K pairs of images each, without repetition within an epoch."""

from collections.abc import Iterator

import numpy as np
from mmengine.dataset import BaseDataset

from haresreid.registry import DATA_SAMPLERS

from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .seeded_index import SeededIndex

__all__ = ['AlternatingIdentitySampler']


@DATA_SAMPLERS.register_module()
class AlternatingIdentitySampler(CrossModalityIdentitySampler):
    """The sampling law of MPANet (Wu et al., CVPR 2021): an epoch shows an image once or not at all.

    With P = ``num_ids`` and K = ``num_instances``, an epoch

    1. pairs each identity's visible images with its infrared ones at random, as many as its poorer modality has, and
       cuts the pairs into groups of K; what is left over is dropped;
    2. draws P identities that still have a group, takes a group of each, and yields its images, the two modalities in
       turn; it ends when fewer than P identities have one.

    The number of batches thus differs a little between epochs. Everything else, ranks included, is as in
    :class:`CrossModalityIdentitySampler`.

    Args:
        dataset (BaseDataset): See :class:`CrossModalityIdentitySampler`.
        num_ids (int): Identities per batch of each rank, P.
        num_instances (int): Images per identity and modality, K.
        seed (int, optional): See :class:`CrossModalityIdentitySampler`. Defaults to None.
        repeat (bool): Whether the images of an identity's poorer modality are repeated instead, so that there are as
            many pairs as its richer modality has images, as in X-modality's code. Defaults to False.

    Raises:
        ValueError: Also if fewer identities than one step needs have K images in every modality.
    """

    def __init__(
        self, dataset: BaseDataset, num_ids: int, num_instances: int, seed: int | None = None, repeat: bool = False
    ) -> None:
        super().__init__(dataset, num_ids, num_instances, seed)
        self.repeat = repeat
        self.set_epoch(0)
        if not self.num_batches:
            raise ValueError(
                f'No batch can be drawn: fewer than {self.world_size * num_ids} training identities have '
                f'{num_instances} images in each modality; lower num_ids or num_instances.'
            )

    def __iter__(self) -> Iterator[int]:
        for batch, indices in enumerate(self.batches):  # (R, P * K * M): drawn on every rank, which then takes its part
            places = np.arange(indices.size).reshape(indices.shape)
            for index, place in zip(indices[self.rank], places[self.rank]):
                yield SeededIndex(index, seed=(self.seed, self.epoch, batch, int(place)))

    def set_epoch(self, epoch: int) -> None:
        """Draw the batches of ``epoch``, since their number depends on the draws."""
        super().set_epoch(epoch)
        rng = np.random.RandomState(self.seed + epoch)
        groups = {label: self._draw_groups(label, rng) for label in self.labels}
        step = self.world_size * self.num_ids
        self.batches = []
        while len(left := [label for label in self.labels if groups[label]]) >= step:
            chosen = [groups[label].pop() for label in rng.choice(left, step, replace=False)]
            self.batches.append(np.reshape(chosen, (self.world_size, -1)))  # (R, P * K * M)
        self.num_batches = len(self.batches)

    def _draw_groups(self, label: int, rng: np.random.RandomState) -> list[np.ndarray]:
        """Groups of K pairs of an identity, (K, M) each."""
        images = [rng.permutation(self.indices[label, modality]) for modality in self.modalities]
        length = (max if self.repeat else min)(map(len, images))
        images = [np.resize(drawn, length) for drawn in images]  # cut, or started again from the first one
        if self.repeat:
            images = [rng.permutation(drawn) for drawn in images]
        pairs = np.stack(images, axis=1)  # (pairs, M)
        return [
            pairs[start : start + self.num_instances]
            for start in range(0, len(pairs) - self.num_instances + 1, self.num_instances)
        ]
