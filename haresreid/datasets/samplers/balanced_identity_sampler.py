"""Batches that show as many identities of each data set, for joint training."""

import numpy as np
from mmengine.dataset import BaseDataset

from haresreid.registry import DATA_SAMPLERS

from .cross_modality_identity_sampler import CrossModalityIdentitySampler

__all__ = ['BalancedIdentitySampler']


@DATA_SAMPLERS.register_module()
class BalancedIdentitySampler(CrossModalityIdentitySampler):
    """The sampling law of :class:`CrossModalityIdentitySampler`, with P / S identities of each of S data sets.

    Without it, a set is shown in proportion to its identities. An epoch has as many batches as there.

    Args:
        dataset (BaseDataset): A :class:`haresreid.datasets.JointDataset`.
        num_ids, num_instances, seed, replacement: See :class:`CrossModalityIdentitySampler`.

    Raises:
        ValueError: Also if ``num_ids`` is no multiple of the number of data sets, or a data set has fewer identities
            than one step needs of it.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        num_ids: int,
        num_instances: int,
        seed: int | None = None,
        replacement: bool = True,
    ):
        super().__init__(dataset, num_ids, num_instances, seed, replacement)
        sources = np.unique(dataset.sources)
        if num_ids % len(sources):
            raise ValueError(
                f'num_ids is {num_ids}, and a batch shows as many identities of each of {len(sources)} data sets: take '
                f'a multiple of {len(sources)}.'
            )
        self.share = num_ids // len(sources)
        self.labels_of = [np.unique(dataset.labels[dataset.sources == source]) for source in sources]
        fewest = min(map(len, self.labels_of))
        if fewest < self.world_size * self.share:
            raise ValueError(
                f'A data set has {fewest} training identities, fewer than the {self.world_size * self.share} that one '
                'step takes of it; lower num_ids.'
            )

    def _draw_labels(self, rng: np.random.RandomState) -> np.ndarray:
        drawn = [
            rng.choice(labels, self.world_size * self.share, replace=False).reshape(self.world_size, self.share)
            for labels in self.labels_of
        ]
        return np.concatenate(drawn, axis=1).ravel()  # (R, P) in the order of the ranks
