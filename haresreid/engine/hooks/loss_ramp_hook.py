"""Brings losses in, or takes them out, in the course of a training."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['LossRampHook']


@HOOKS.register_module()
class LossRampHook(Hook):
    """Multiplies the weight of a loss by a factor that goes linearly from one value to another.

    A training from scratch needs it: with the paper's weights from the first step the hetero-centre triplet pulls all
    features to one point before identities separate.

    Args:
        ramps (dict[str, dict]): By loss name, ``dict(begin=, end=, start_factor=, end_factor=)``. ``begin`` and ``end``
            are fractions of the whole training, 0..1; outside them the factor stays at its end value.

    Raises:
        ValueError: A ramp names a loss that the head does not have.

    Examples:
        >>> LossRampHook(ramps=dict(hc_tri=dict(begin=0.3, end=0.6, start_factor=0.0, end_factor=1.0)))
    """

    def __init__(self, ramps: dict[str, dict]) -> None:
        self.ramps = ramps
        self.full_weights: dict[str, float] = {}

    def before_train(self, runner: Runner) -> None:
        """Remember the configured weights: factors are relative to them."""
        weights = self._weights(runner)
        unknown = sorted(set(self.ramps) - set(weights))
        if unknown:
            raise ValueError(f'LossRampHook names the losses {unknown}, but the head has {sorted(weights)}')
        self.full_weights = dict(weights)

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch=None) -> None:
        """Set the weights of this iteration."""
        weights = self._weights(runner)
        for name, ramp in self.ramps.items():
            weights[name] = self.full_weights[name] * self.factor(runner.iter / runner.max_iters, **ramp)

    @staticmethod
    def factor(progress: float, begin: float, end: float, start_factor: float, end_factor: float) -> float:
        """The factor at a point of the training, 0..1."""
        share = min(max((progress - begin) / (end - begin), 0.0), 1.0)
        return start_factor + share * (end_factor - start_factor)

    @staticmethod
    def _weights(runner: Runner) -> dict[str, float]:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        return model.head.loss_weights
