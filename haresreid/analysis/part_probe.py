"""A probe for any part of any model: does its output differ between images, and what do the others achieve without?"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from .moments import Moments

__all__ = ['PartProbe', 'part_named']


class PartProbe:
    """Takes the moments of what a part returns while any number of batches pass, and holds it at its mean afterwards.

    The part may return tensors whose rows are images or a multiple of them, or tuples, lists and dicts of such; the
    rest is left alone. A mean is over all rows of all calls.

    Args:
        model (nn.Module): The model.
        name (str): The part's name in the model; see :func:`part_named`.
        added (bool): Whether to take what the part adds to its input instead of what it returns: of a residual block,
            its branch; of an attention, what it takes away. Defaults to False.

    Raises:
        ValueError: If the model has no such part.

    Examples:
        >>> probe = PartProbe(model, 'backbone.layer3.non_local_0', added=True)
        >>> with probe.measuring():
        ...     model.test_step(batch)
        >>> probe.spread
        >>> with probe.holding():
        ...     model.test_step(batch)
    """

    def __init__(self, model: nn.Module, name: str, added: bool = False) -> None:
        self.part = part_named(model, name)
        self.name = name
        self.added = added
        self.records: list[Moments] = []

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Take the moments; the outputs do not change.

        Raises:
            ValueError: If outputs of two calls have no common mean, or what is added cannot be told.
        """
        with self._hooked(self._see):
            yield

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Replace what the part returns, or what it adds, by its mean for all rows.

        Raises:
            ValueError: If nothing was measured, because the part was not called or returned no such tensor.
        """
        if not self.records:
            raise self._refused('it is not called when images are tested, or returns no features of them')
        means = [record.mean.float() for record in self.records]

        def hold(_, inputs: tuple, outputs: Any) -> Any:
            constants = iter(means)
            held = _with_features(self._measured(inputs, outputs), lambda x: next(constants).to(x).expand_as(x))
            return inputs[0] + held if self.added else held

        with self._hooked(hold):
            yield

    @property
    def spread(self) -> float:
        """Standard deviation between rows divided by the root mean square, over all tensors that are measured."""
        squares = sum(record.squares for record in self.records)
        constant = sum(record.count * record.mean.square().sum().item() for record in self.records)
        return math.sqrt(max(1 - constant / squares, 0)) if squares else 0.0

    @contextmanager
    def _hooked(self, hook: Callable) -> Iterator[None]:
        handle = self.part.register_forward_hook(hook)
        try:
            yield
        finally:
            handle.remove()

    def _see(self, _, inputs: tuple, outputs: Any) -> None:
        seen: list[Tensor] = []
        _with_features(self._measured(inputs, outputs), lambda x: seen.append(x) or x)
        if not self.records:
            self.records = [Moments() for _ in seen]
        for record, x in zip(self.records, seen, strict=True):
            if record.count and record.total.shape != x.shape[1:]:
                raise self._refused(
                    f'a row of it is {tuple(record.total.shape)} at times and {tuple(x.shape[1:])} at others'
                )
            record.add(x)

    def _measured(self, inputs: tuple, outputs: Any) -> Any:
        if not self.added:
            return outputs
        shapes = [getattr(x, 'shape', None) for x in (*inputs[:1], outputs)]
        if len(shapes) < 2 or None in shapes or shapes[0] != shapes[1]:
            raise self._refused('what it returns has not the shape of its input, so it adds nothing to it')
        return outputs - inputs[0]

    def _refused(self, reason: str) -> ValueError:
        return ValueError(f'{self.name} cannot be held at its mean: {reason}')


def part_named(model: nn.Module, name: str) -> nn.Module:
    """The part of a model with this name, such as ``backbone.layer3.0``.

    Raises:
        ValueError: If there is none; the message names the parts where the search ended.
    """
    part, passed = model, []
    for word in name.split('.'):
        children = dict(part.named_children())
        if word not in children:
            place = '.'.join(passed) or 'the model'
            there = ', '.join(children) or 'no parts'
            raise ValueError(f'there is no part {name!r}: {place} has {there}')
        part = children[word]
        passed.append(word)
    return part


def _with_features(outputs: Any, replace: Callable[[Tensor], Tensor]) -> Any:
    """Outputs of the same structure, with another tensor for each of floating point that has rows."""
    if isinstance(outputs, Tensor):
        return replace(outputs) if outputs.is_floating_point() and outputs.dim() else outputs
    if isinstance(outputs, dict):
        return {key: _with_features(value, replace) for key, value in outputs.items()}
    if isinstance(outputs, list | tuple):
        values = [_with_features(value, replace) for value in outputs]
        # a named tuple takes its values one by one
        return type(outputs)(*values) if hasattr(outputs, '_fields') else type(outputs)(values)
    return outputs
