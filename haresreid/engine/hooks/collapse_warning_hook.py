"""Says so when a training has collapsed, long before the evaluation shows chance."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['CollapseWarningHook']


@HOOKS.register_module()
class CollapseWarningHook(Hook):
    """Warns when a loss sits at the value that it has when all features are equal.

    That value is ln C for the identity loss, the margin for the hetero-centre triplet, ln 2 for a soft-margin triplet:
    each loss module states its own as ``collapse_value``. The mean over ``window`` iterations is compared; the first
    window is passed over, since every training starts there.

    Args:
        window (int): Iterations per comparison. Defaults to 500.
        tolerance (float): Relative distance that counts as sitting there. Defaults to 0.02.
    """

    def __init__(self, window: int = 500, tolerance: float = 0.02) -> None:
        self.window = window
        self.tolerance = tolerance
        self.sums: dict[str, float] = {}

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Add this iteration's losses; compare at the end of a window."""
        collapse = self._collapse_values(runner)
        for name, value in collapse.items():
            if name in outputs:
                # relative to the value itself, since a ramp may be changing the loss's weight
                self.sums[name] = self.sums.get(name, 0.0) + outputs[name].detach().item() / value
        if (runner.iter + 1) % self.window:
            return
        if runner.iter + 1 > self.window:
            for name, total in self.sums.items():
                if abs(total / self.window - 1) <= self.tolerance:
                    runner.logger.warning(
                        f'{name} has stayed at {collapse.get(name, 0.0):.4g} for {self.window} iterations, the value it '
                        'has when all features are equal: it teaches nothing now, and if acc_id does not rise either, the '
                        'training has collapsed. Start from ImageNet weights (pretrained), warm the learning rate '
                        'up, or begin with a softer metric loss (as configs/haresformer_synth.py does).')
        self.sums = {}

    @staticmethod
    def _collapse_values(runner: Runner) -> dict[str, float]:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        return {name: value for name, value in model.head.collapse_values().items() if value}
