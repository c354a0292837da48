"""Batches of two samplers in one, for a network and a generator that are trained together."""

from collections.abc import Iterator
from itertools import islice

from mmengine.dataset import BaseDataset

from haresreid.registry import DATA_SAMPLERS

from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .seeded_index import SeededIndex

__all__ = ['JointIdentitySampler']

OTHER_DRAWS = 2**20  # keeps the generator's draws away from those of another epoch


@DATA_SAMPLERS.register_module()
class JointIdentitySampler(CrossModalityIdentitySampler):
    """A batch of :class:`CrossModalityIdentitySampler`, and behind it a second one for the generator.

    The indices of the second one have the role ``generator``, by which :class:`ByRole` and
    :class:`RoleDataPreprocessor` know them.

    Args:
        dataset (BaseDataset): See :class:`CrossModalityIdentitySampler`.
        num_ids (int): Identities per batch for re-identification, of each rank.
        num_instances (int): Images per identity and modality.
        generator (dict): ``num_ids`` and ``num_instances`` of the generator's batch.
        num_batches (int, optional): Batches of an epoch. Defaults to None: as many as
            :class:`CrossModalityIdentitySampler` has.
        seed (int, optional): See :class:`CrossModalityIdentitySampler`. Defaults to None.
    """

    def __init__(
        self,
        dataset: BaseDataset,
        num_ids: int,
        num_instances: int,
        generator: dict,
        num_batches: int | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, num_ids, num_instances, seed)
        self.num_batches = num_batches or self.num_batches
        self.generator = CrossModalityIdentitySampler(dataset, **generator, seed=self.seed + OTHER_DRAWS)
        self.generator.num_batches = self.num_batches

    @staticmethod
    def batch_size_of(cfg: dict, dataset: type) -> int | None:
        """The number of images in both batches of a rank, see :class:`CrossModalityIdentitySampler`."""
        sizes = [CrossModalityIdentitySampler.batch_size_of(part, dataset) for part in (cfg, cfg.get('generator', {}))]
        return None if None in sizes else sum(sizes)

    def __iter__(self) -> Iterator[int]:
        own, others = super().__iter__(), iter(self.generator)
        for _ in range(self.num_batches):
            yield from islice(own, super().__len__() // self.num_batches)
            for index in islice(others, len(self.generator) // self.num_batches):
                yield SeededIndex(index, index.seed, role='generator')

    def __len__(self) -> int:
        """Number of indices on this rank."""
        return super().__len__() + len(self.generator)

    def set_epoch(self, epoch: int) -> None:
        """Choose the draws of ``epoch``."""
        super().set_epoch(epoch)
        self.generator.set_epoch(epoch)
