"""A format of weight files: what one source calls the weights of a backbone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

__all__ = ['WeightFormat']


@dataclass(frozen=True)
class WeightFormat:
    """How the files of one source name the weights of a backbone.

    Tables are of prefixes. A ``*`` stands for a number, and the n-th one of our name is the n-th of theirs. The first
    entry that fits counts.

    Attributes:
        title (str): The source, for messages.
        sign (str): A weight that tells files of this format from others.
        names (Mapping[str, str]): Prefixes of names: theirs -> ours.
        dropped (Mapping[str, str]): Prefixes of names that have no place in a backbone: what they are.
        under (tuple[str, ...]): What all names of the backbone may begin with. What else is in the file is no part of
            the backbone. Defaults to nothing, or ``backbone.``.
        values (Mapping[str, Callable[[Tensor], Tensor]]): Ends of our names: what a weight goes through. Defaults to
            none.
        needs (str): The backbone's options that fit the files, for messages. Defaults to ''.
    """

    title: str
    sign: str
    names: Mapping[str, str]
    dropped: Mapping[str, str] = field(default_factory=dict)
    under: tuple[str, ...] = ('', 'backbone.')
    values: Mapping[str, Callable[[Tensor], Tensor]] = field(default_factory=dict)
    needs: str = ''

    def fits(self, weights: Mapping[str, Tensor]) -> bool:
        """Whether a file is of this format."""
        return self._under(weights) is not None

    def read(self, weights: Mapping[str, Tensor]) -> tuple[dict[str, tuple[str, Tensor]], dict[str, str]]:
        """Name the weights of a file that :meth:`fits`.

        Returns:
            tuple: By our name, the name in the file and the weight; one that no table knows keeps its name. And the
            names in the file that are dropped: what they are.
        """
        under = self._under(weights)
        found, dropped = {}, {}
        for name, value in weights.items():
            short = name.removeprefix(under)
            reason = next((what for theirs, what in self.dropped.items() if _pattern(theirs).match(short)), None)
            if not name.startswith(under):
                reason = 'no part of the backbone'
            if reason is not None:
                dropped[name] = reason
                continue
            ours = self._ours(short)
            for end, change in self.values.items():
                if ours.endswith(end):
                    value = change(value)
            found[ours] = name, value
        return found, dropped

    def _under(self, weights: Mapping[str, Tensor]) -> str | None:
        return next((under for under in self.under if under + self.sign in weights), None)

    def _ours(self, name: str) -> str:
        for theirs, ours in self.names.items():
            if match := _pattern(theirs).match(name):
                for number in match.groups():
                    ours = ours.replace('*', number, 1)
                return ours + name[match.end() :]
        return name


def _pattern(prefix: str) -> re.Pattern:
    return re.compile(re.escape(prefix).replace(r'\*', r'(\d+)'))
