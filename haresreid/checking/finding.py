"""One fault of a data set."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

__all__ = ['Finding', 'Severity', 'counted', 'few']


class Severity(str, Enum):
    """An error spoils results or stops a run; a warning deserves a look."""

    ERROR = 'error'
    WARNING = 'warning'


class Finding(NamedTuple):
    """One fault, and what to do about it.

    Attributes:
        severity: How bad it is.
        kind: Its name, such as 'empty file'.
        found: One sentence that says what was found.
        fix: One sentence that says what to do.
        places: All affected paths below the data root. 'list.txt:7' is a line of a list, 'a.jpg = b.jpg' a pair.
    """

    severity: Severity
    kind: str
    found: str
    fix: str
    places: tuple[str, ...] = ()


def counted(number: int, noun: str) -> str:
    """A number with its noun: '1 image', '2,060 images', '3 identities'."""
    plural = noun if number == 1 else noun.removesuffix('y') + 'ies' if noun.endswith('y') else noun + 's'
    return f'{number:,} {plural}'


def few(items: Iterable, shown: int = 5) -> str:
    """The first items of a list: '1, 2, 3, 4, 5 and 7 more'."""
    words = [str(item) for item in items]
    rest = len(words) - shown
    return ', '.join(words[:shown]) + (f' and {rest:,} more' if rest > 0 else '')
