"""Deleting for good: vectors and pictures leave the disk."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .crops import track_pictures
from .filters import Filter
from .gallery import Gallery

__all__ = ['Erased', 'erase']


class Erased(NamedTuple):
    """What was deleted.

    Attributes:
        rows (int): Rows of the gallery.
        pictures (int): Files that a command had cut out of a video.
        kept (list[str]): Files of rows that no command has written there; they are the user's and stay.
    """

    rows: int
    pictures: int
    kept: list[str]


def erase(gallery: Gallery, ids: list[int] | None = None, crops: Path | None = None, **filters: Any) -> Erased:
    """Delete the rows for which all conditions hold, with their pictures, and leave no trace of them on the disk.

    Pictures go first, then rows, then what the engine keeps of deleted rows; a killed call can be repeated, and the
    last step is taken even if no row is left to delete. ``tracks.csv`` keeps the boxes of the tracks.

    Args:
        gallery (Gallery): The gallery.
        ids (list[int], optional): Ids.
        crops (Path, optional): Only pictures below this folder are deleted, since the paths in a gallery may come from
            anybody. Links that lead out of it are not followed. Defaults to None: none are.
        filters: As in :meth:`Gallery.delete`.

    Raises:
        ValueError: If there is no condition.
    """
    conditions = Filter(ids, **filters).conditions(gallery.columns)
    doomed: list[str] = []
    spared: set[str] = set()
    for block in gallery.blocks():
        met = np.ones(len(block.paths), dtype=bool)
        for condition in conditions:
            met &= condition.met(block.columns[condition.column])
        doomed += [path for path, gone in zip(block.paths, met) if gone]
        spared.update(path for path, gone in zip(block.paths, met) if not gone)
    pictures, kept = 0, []
    for path in dict.fromkeys(doomed) if conditions else ():
        if path not in spared:
            removed = _remove(path, crops)
            pictures += removed
            if not removed and path and Path(path).is_file():
                kept.append(path)
    rows = gallery.delete(ids, **filters)
    gallery.erase_deleted()
    return Erased(rows, pictures, kept)


def _remove(best: str, crops: Path | None) -> int:
    """Remove the folder of a track, if it lies in that of all crops; returns how many files there were."""
    folder = Path(best).parent
    if crops is None or not folder.resolve().is_relative_to(crops.resolve()):
        return 0
    files = track_pictures(best)
    for file in files:
        file.unlink()
    if files and not any(folder.iterdir()):
        folder.rmdir()
    return len(files)
