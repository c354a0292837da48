"""Updates scheduled loss weights in the course of a training."""

import math

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.runner import Runner

from haresreid.engine.bare_model import bare_model
from haresreid.models import Criterion
from haresreid.registry import HOOKS

__all__ = ['LossWeightHook']


@HOOKS.register_module()
class LossWeightHook(Hook):
    """Tells the criterion before every step how far the training is, and each loss's mean over the last epoch.

    A config gives a schedule in place of the weight: ``weight=dict(type=Ramp, to=2.0, begin=0.6, end=0.8)``. The means
    are those of the logged values, over all processes; a resumed training finds them in its checkpoint's log.
    """

    def __init__(self) -> None:
        self.means: dict[str, float] = {}

    def before_train_epoch(self, runner: Runner) -> None:
        """Read the means of the epoch that has ended; before the first epoch they are infinite."""
        criterion = _criterion(runner)
        if not criterion.schedules:
            return
        names = list(criterion.losses)
        means = torch.full((len(names),), math.inf)
        if runner.epoch > 0:
            steps = len(runner.train_dataloader)
            scalars = (runner.message_hub.get_scalar(f'train/loss_{name}') for name in names)
            means = torch.tensor([scalar.mean(steps) for scalar in scalars])
            dist.all_reduce(means, 'mean')
        self.means = dict(zip(names, means.tolist()))

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Set the weights of this iteration."""
        _criterion(runner).update_weights(runner.iter / runner.max_iters, self.means)


def _criterion(runner: Runner) -> Criterion:
    model = bare_model(runner)
    return model.criterion
