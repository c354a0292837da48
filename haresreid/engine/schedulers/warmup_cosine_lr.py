"""The schedule of TransReID (He et al., ICCV 2021) and of what is built on its code."""

import math

from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from haresreid.registry import PARAM_SCHEDULERS

__all__ = ['WarmupCosineLR']


@PARAM_SCHEDULERS.register_module()
class WarmupCosineLR(LRSchedulerMixin, _ParamScheduler):
    """A linear warm-up into a cosine that has begun with it, epoch by epoch; the first epoch is number 1.

    In epoch e of T, a parameter whose learning rate is lr has ``start + e * (lr - start) / warmup`` if ``e < warmup``,
    and else ``floor + (lr - floor) * (1 + cos(pi * e / T)) / 2``. MMEngine's schedulers, chained, start both at a
    factor of lr, so that slow parameters start lower; here all start, and end, alike. They also start the cosine when
    the warm-up ends.

    Args:
        optimizer (Optimizer): The optimiser, or its wrapper.
        epochs (int): T, the epochs of the training.
        warmup (int): Epochs of the warm-up.
        start (float): The learning rate from which the warm-up comes.
        floor (float): The learning rate of the last epoch.
        last_step (int): Epochs that are done, for resuming. Defaults to -1: none.
        verbose (bool): Whether each new learning rate is printed. Defaults to False.
    """

    def __init__(
        self,
        optimizer,
        epochs: int,
        warmup: int,
        start: float,
        floor: float,
        last_step: int = -1,
        verbose: bool = False,
    ) -> None:
        self.epochs, self.warmup, self.start, self.floor = epochs, warmup, start, floor
        super().__init__(optimizer, last_step=last_step, verbose=verbose)

    def _get_value(self) -> list[float]:
        epoch = min(self.last_step + 1, self.epochs)
        if epoch < self.warmup:
            return [self.start + epoch * (base - self.start) / self.warmup for base in self.base_values]
        share = (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        return [self.floor + (base - self.floor) * share for base in self.base_values]
