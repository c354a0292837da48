"""Puts the running mean of the weights in their place, as CM-NAS's released code does (Fu et al., ICCV 2021)."""

from mmengine.hooks import EMAHook
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['WeightMeanHook']


@HOOKS.register_module()
class WeightMeanHook(EMAHook):
    """Keeps an exponential mean of the weights; every few epochs the training goes on from it.

    That happens before the epoch's checkpoint is written and before it is tested, so a resumed training is exact.

    Args:
        decay (float): What a step leaves of the mean.
        interval (int): Number of epochs.
    """

    def __init__(self, decay: float, interval: int) -> None:
        super().__init__(momentum=1 - decay)
        self.interval = interval

    def after_train_epoch(self, runner: Runner) -> None:
        """Put the mean in the place of the weights."""
        if self.every_n_epochs(runner, self.interval):
            self.src_model.load_state_dict(self.ema_model.module.state_dict())
