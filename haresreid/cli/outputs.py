"""A check, before any long work, that results can be written where they shall go."""

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ['require_writable']


def require_writable(files: Iterable[str | Path], overwrite: bool) -> None:
    """Refuse outputs that would fail after the work, or replace a file unasked. Nothing is created.

    Args:
        files (Iterable[str | Path]): The files to be written.
        overwrite (bool): Whether those that exist may be replaced.

    Raises:
        ValueError: If a file exists and may not be replaced, or no file can be written there.
    """
    for file in map(Path, files):
        if file.exists() and not overwrite:
            raise ValueError(f'{file} is there already: add --overwrite to replace it, or give another name.')
        folder = next(place for place in file.absolute().parents if place.exists())
        problem = 'is a folder' if file.is_dir() else f'{folder} is a file, no folder' if not folder.is_dir() else ''
        if not problem and not os.access(folder, os.W_OK):
            problem = f'nothing may be written to {folder}'
        if problem:
            raise ValueError(f'{file} cannot be written ({problem}): give another name.')
