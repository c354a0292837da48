"""The losses of a method: a named mapping of losses on named features."""

import inspect
import math
from collections.abc import Mapping

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .gather_rows import gather_batch, gather_rows

__all__ = ['Criterion']


@MODELS.register_module()
class Criterion(nn.Module):
    """A named mapping of losses on named features; the name is the log key, ``loss_<name>``.

    Args:
        losses (dict[str, dict]): Loss configs by name. Besides ``type`` and the loss's own arguments, each has either
            ``feature`` or ``features``. ``feature`` is the name of the feature the loss acts on, or a list of names
            over which the loss is summed. ``features`` is a dict from the loss's arguments to feature names. Two more
            keys are optional: ``weight``, a number or a schedule such as :class:`Ramp` (default 1), and ``gather``
            (default False), whether the loss sees the rows of all ranks together instead of each rank's alone.

    Attributes:
        weights (dict[str, float]): The current weights by name. A schedule has its value at the end of the training
            until :meth:`update_weights` is called.

    Examples:
        >>> losses = dict(
        ...     id=dict(type='IDLoss', feature='logits'),
        ...     mmd=dict(type='MMDLoss', feature='embed', weight=dict(type='Ramp', to=0.25, begin=0.6, end=0.8)),
        ... )
        >>> list(Criterion(losses).weights)
        ['id', 'mmd']
    """

    def __init__(self, losses: dict[str, dict]) -> None:
        super().__init__()
        self.losses = nn.ModuleDict()
        self.schedules: dict = {}
        self.weights: dict[str, float] = {}
        self.features: dict[str, list[str] | dict[str, str]] = {}
        self.gathered: set[str] = set()
        for name, cfg in losses.items():
            cfg = dict(cfg)
            weight = cfg.pop('weight', 1.0)
            if isinstance(weight, dict):
                self.schedules[name] = MODELS.build(weight)
            self.weights[name] = weight
            self.features[name] = _features_of(name, cfg)
            if cfg.pop('gather', False):
                self.gathered.add(name)
            self.losses[name] = MODELS.build(cfg)
            _check_arguments(name, self.losses[name], self.features[name])
        for progress in (0.0, 1.0):
            self.update_weights(progress, dict.fromkeys(losses, math.inf))
            self._check_weights()

    def update_weights(self, progress: float, means: Mapping[str, float]) -> None:
        """Move the weights that have a schedule; for the arguments see :class:`WeightSchedule`."""
        for name, schedule in self.schedules.items():
            self.weights[name] = schedule(progress, means)

    def forward(self, features: dict[str, Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """The weighted losses ``loss_<name>``, and the losses' other metrics, such as ``acc_id``.

        Args:
            features (dict[str, Tensor]): The head's named features, with a row for every row of ``batch``.
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: If a loss names a feature that does not exist, or there is no loss.
        """
        if not self.losses:
            raise ValueError(
                'This model has no losses, so nothing can be trained: name some in model.criterion.losses.'
            )
        results, metrics = {}, {}
        for name, loss in self.losses.items():
            wanted = self.features[name]
            found = self._find(name, wanted.values() if isinstance(wanted, dict) else wanted, features)
            inputs, rows = found, batch
            if name in self.gathered:
                inputs, rows = [gather_rows(feature) for feature in found], gather_batch(batch, found[0].device)
            if isinstance(wanted, dict):
                value = loss(rows, **dict(zip(wanted, inputs)))
            else:
                value = sum(loss(feature, rows) for feature in inputs)
            results[f'loss_{name}'] = self.weights[name] * value
            metrics |= {f'{key}_{name}': metric for key, metric in loss.metrics(found, batch).items()}
        return results | metrics

    def collapse_values(self, num_classes: int | None) -> dict[str, float]:
        """By log key, the weighted value that a loss takes when all features are equal, for losses that have one.

        Args:
            num_classes (int, optional): Training identities; None if the head has no classifier.
        """
        values = {name: loss.collapse_value(num_classes) for name, loss in self.losses.items()}
        terms = {name: 1 if isinstance(wanted, dict) else len(wanted) for name, wanted in self.features.items()}
        return {
            f'loss_{name}': self.weights[name] * terms[name] * value
            for name, value in values.items()
            if value is not None
        }

    def _check_weights(self) -> None:
        for name, weight in self.weights.items():
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < math.inf:
                raise ValueError(
                    f'The weight of the loss {name!r} must be a number from 0 on, or a schedule of such numbers, '
                    f'not {weight!r}.'
                )

    @staticmethod
    def _find(name: str, wanted, features: dict[str, Tensor]) -> list[Tensor]:
        for feature in wanted:
            if feature not in features:
                raise ValueError(
                    f'The loss {name!r} wants the feature {feature!r}, but this model has only '
                    f'{", ".join(sorted(features))}: correct it in the config, at losses.{name}.'
                )
        return [features[feature] for feature in wanted]


def _check_arguments(name: str, loss: nn.Module, wanted: list[str] | dict[str, str]) -> None:
    """Refuse a loss whose ``forward`` does not take the features as they are named."""
    given = ((None,), wanted) if isinstance(wanted, dict) else ((None, None), {})
    try:
        inspect.signature(loss.forward).bind(*given[0], **given[1])
    except TypeError as error:
        raise ValueError(f'The loss {name!r}, {type(loss).__name__}, cannot take its features: {error}.') from None


def _features_of(name: str, cfg: dict) -> list[str] | dict[str, str]:
    """Pop the feature names from a loss's config: a list to sum over, or a feature for each argument."""
    feature, features = cfg.pop('feature', None), cfg.pop('features', None)
    if (feature is None) == (features is None):
        raise ValueError(
            f'The loss {name!r} needs either feature, a name or a list of names to sum over, or features, a name for '
            f'each of its arguments; it has {"neither" if feature is None else "both"}.'
        )
    if features is not None and not isinstance(features, Mapping):
        raise ValueError(
            f'The features of the loss {name!r} must be a dict from its arguments to names of features, such as '
            f"dict(feats='logits'), not {features!r}; feature takes a list to sum over."
        )
    if features is not None:
        found = dict(features)
    else:
        found = list(feature) if isinstance(feature, (list, tuple)) else [feature]
    if not found:
        raise ValueError(
            f'The loss {name!r} names no feature; to remove a loss, take out its entry, or set it to None.'
        )
    for named in found.values() if isinstance(found, dict) else found:
        if not isinstance(named, str) or not named:
            raise ValueError(f"The loss {name!r} must name its features by strings such as 'logits', not {named!r}.")
    return found
