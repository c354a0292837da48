"""Random numbers that a resumed run can reproduce."""

import numpy as np
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner, set_random_seed

from haresreid.registry import HOOKS

__all__ = ['IterationSeedHook']


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seeds PyTorch, NumPy and Python anew for every iteration, with the run's seed, the iteration and the rank.

    The model's random draws (dropout, drop path) therefore depend on nothing that happened earlier. The state of the
    generators need not be saved: a resumed run draws what the uninterrupted run would have drawn. The data have seeds
    of their own, see :class:`haresreid.datasets.samplers.SeededIndex`.
    """

    priority = 'VERY_HIGH'  # before any other hook may draw

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Seed all generators for this iteration."""
        numbers = np.random.SeedSequence((runner.seed, runner.iter, get_rank()))
        set_random_seed(int(numbers.generate_state(1)[0]))
