"""Loss weights that change in the course of a training."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from haresreid.registry import MODELS

__all__ = ['InverseOf', 'Ramp', 'Step', 'WeightSchedule']


class WeightSchedule(Protocol):
    """A weight as a function of the training's progress. :class:`LossWeightHook` calls it before every step."""

    def __call__(self, progress: float, means: Mapping[str, float]) -> float:
        """Compute the weight of the next step.

        Args:
            progress (float): Share of the training's steps that are done, 0 to 1. It is 1 outside training.
            means (Mapping[str, float]): By loss name, the last epoch's mean as logged; infinite in the first epoch.
        """
        ...


@MODELS.register_module()
class Ramp:
    """A weight that goes linearly from ``start`` to ``to`` between two points of the training, and stays there.

    A training from scratch needs this: with the paper's weights from the first step, the hetero-centre triplet pulls
    all features to one point before identities separate.

    Args:
        to (float): The weight from ``end`` on.
        begin (float): Where the weight begins to change, as a fraction of the training, 0 to 1.
        end (float): Where the weight reaches ``to``, as a fraction of the training.
        start (float): The weight until ``begin``. Defaults to 0.

    Raises:
        ValueError: If ``begin`` is not before ``end``.

    Examples:
        >>> Ramp(to=2.0, begin=0.6, end=0.8)(0.75, {})
        1.5
    """

    def __init__(self, to: float, begin: float, end: float, start: float = 0.0) -> None:
        if not 0 <= begin < end <= 1:
            raise ValueError(f'A ramp needs 0 <= begin < end <= 1, not begin={begin} and end={end}.')
        self.to, self.begin, self.end, self.start = to, begin, end, start

    def __call__(self, progress: float, means: Mapping[str, float]) -> float:
        """See :class:`WeightSchedule`."""
        share = min(max((progress - self.begin) / (self.end - self.begin), 0.0), 1.0)
        return self.start + share * (self.to - self.start)


@MODELS.register_module()
class Step:
    """A weight that is ``start`` until a point of the training, and ``to`` from there on.

    Args:
        at (float): The point, as a fraction of the training, 0 to 1.
        to (float): The weight from there on. Defaults to 0.
        start (float): The weight until there. Defaults to 0.

    Raises:
        ValueError: If ``at`` is outside the training.

    Examples:
        >>> Step(at=6 / 24, to=0.5)(0.2, {})
        0.0
    """

    def __init__(self, at: float, to: float = 0.0, start: float = 0.0) -> None:
        if not 0 < at < 1:
            raise ValueError(f'A step needs 0 < at < 1, not at={at}.')
        self.at, self.to, self.start = at, to, start

    def __call__(self, progress: float, means: Mapping[str, float]) -> float:
        """See :class:`WeightSchedule`."""
        return self.to if progress >= self.at else self.start


@MODELS.register_module()
class InverseOf:
    """The weight ``1 / (1 + L)`` of DDAG (Ye et al., ECCV 2020), with L the last epoch's mean of other losses.

    The smaller the other losses, the more this one counts. In the first epoch its weight is 0.

    Args:
        loss (str | Sequence[str]): Name of the other loss, or names of several, whose sum is L.
    """

    def __init__(self, loss: str | Sequence[str]) -> None:
        self.names = [loss] if isinstance(loss, str) else list(loss)

    def __call__(self, progress: float, means: Mapping[str, float]) -> float:
        """See :class:`WeightSchedule`.

        Raises:
            ValueError: If the criterion lacks one of them.
        """
        for name in self.names:
            if name not in means:
                raise ValueError(f'InverseOf names the loss {name!r}, but the criterion has {", ".join(means)}.')
        return 1 / (1 + sum(means[name] for name in self.names))
