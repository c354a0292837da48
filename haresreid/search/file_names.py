"""Canonical file names: one name per file, however its path is written."""

import os
from collections.abc import Iterable, Sequence

__all__ = ['canonical_names', 'new_names']


def canonical_names(paths: Iterable[str]) -> list[str]:
    """Absolute paths without ``..``, with links to folders resolved.

    A link to a file keeps its own name, because its target is often named by a hash. A relative path without a file is
    kept as it is, because its base folder is unknown. So is ``'day.mp4#frame=1#box=0'``.
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
    """Positions of unknown names, the first of each. The empty name '' stands for no file and is always new."""
    first = {name: row for row, name in reversed(list(enumerate(names)))}
    return [row for row, name in enumerate(names) if not name or (name not in known and first[name] == row)]
