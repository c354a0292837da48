"""An image's index that carries the seed of the image's augmentation."""

import random

import numpy as np
import torch

__all__ = ['SeededIndex']


class SeededIndex(int):
    """The index of an image, and the seed of the random numbers that its pipeline draws.

    A seed per drawn image makes the augmentation a function of the run's seed, the epoch and the place in the epoch. It
    does not depend on the number of workers or ranks, nor on what a worker drew before, which a resumed run could not
    know.

    Args:
        index (int): The image's index in its data set.
        seed (Sequence[int]): Numbers that distinguish this draw from every other.
        role (str, optional): What the image is drawn for, see :class:`JointIdentitySampler`. Defaults to None.
        label (int, optional): The class that the image is drawn as, see :class:`ClusterSampler`. Defaults to None: that
            which the data set states.
    """

    def __new__(
        cls, index: int, seed: tuple[int, ...], role: str | None = None, label: int | None = None
    ) -> 'SeededIndex':
        drawn = super().__new__(cls, index)
        drawn.seed = seed
        drawn.role = role
        drawn.label = label
        return drawn

    def __getnewargs__(self) -> tuple[int, tuple[int, ...], str | None, int | None]:
        """The arguments of :meth:`__new__`, so that all of it survives pickling on the way to a worker process."""
        return int(self), self.seed, self.role, self.label

    def seed_generators(self) -> None:
        """Seed the global generators of NumPy, Python and PyTorch's CPU, from which transforms draw."""
        seed = int(np.random.SeedSequence(self.seed).generate_state(1)[0])
        np.random.seed(seed)
        random.seed(seed)
        torch.default_generator.manual_seed(seed)
