"""A name from a list, or an error that helps to find it."""

import difflib
from collections.abc import Iterable

__all__ = ['nearest']


def nearest(kind: str, name: str, known: Iterable[str]) -> str:
    """Return a known name unchanged.

    Raises:
        ValueError: If the name is unknown; the message gives the nearest one, or all.
    """
    known = list(known)
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    raise ValueError(
        f'there is no {kind} {name!r}; ' + (f'did you mean {near[0]!r}?' if near else f'there are {", ".join(known)}')
    )
