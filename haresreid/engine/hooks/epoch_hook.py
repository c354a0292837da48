"""Tells the parts of the model which epoch it is."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['EpochHook']


@HOOKS.register_module()
class EpochHook(Hook):
    """Calls ``set_epoch(epoch)``, as a sampler has it, of every part of the model that has one; epochs count from 0."""

    def before_train_epoch(self, runner: Runner) -> None:
        """Tell the number of the epoch that begins; it is right in a resumed training too."""
        for module in runner.model.modules():
            if hasattr(module, 'set_epoch'):
                module.set_epoch(runner.epoch)
