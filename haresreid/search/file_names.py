"""One name for one file, however it is spelled."""

import os
from collections.abc import Iterable, Sequence

__all__ = ['canonical_names', 'new_names']


def canonical_names(paths: Iterable[str]) -> list[str]:
    """Absolute paths without ``..``, whose folders are no links.

    A link to a file keeps its own name: what it leads to is often called by a hash. A relative path of which there is
    no file is kept as well, since nobody knows what it was relative to, and so is ``'day.mp4#frame=1#box=0'``.
    """
    folders = {}

    def canonical(path: str) -> str:
        if not os.path.isabs(path) and not os.path.isfile(path):
            return path
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        return os.path.join(folders[folder], name)

    return [canonical(path) for path in paths]


def new_names(names: Sequence[str], known: set[str]) -> list[int]:
    """Positions of names that are not known, of a name that stands twice the first; '' is none, and is always new."""
    first = {name: row for row, name in reversed(list(enumerate(names)))}
    return [row for row, name in enumerate(names) if not name or (name not in known and first[name] == row)]
