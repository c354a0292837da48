"""The files and folders of a data set, as they are on disk."""

import os
import os.path as osp
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ['Tree', 'scan']


@dataclass
class Tree:
    """Names and sizes of a data set's files; paths are below the root, with forward slashes.

    Attributes:
        root: The data root.
        files: Path -> size in bytes; -1 for a link that leads nowhere.
        folders: Paths of all folders.
        closed: Folders that may not be read.
    """

    root: str
    files: dict[str, int] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def scan(root: str, entries: Iterable[str]) -> Tree:
    """List these files and everything in these folders of the root, sorted by name. Nothing is opened."""
    tree = Tree(root)
    for entry in entries:
        if osp.isdir(osp.join(root, entry)):
            _scan_folder(tree, entry, ())
        else:
            tree.files[entry] = osp.getsize(osp.join(root, entry))
    return tree


def _scan_folder(tree: Tree, folder: str, parents: tuple[str, ...]) -> None:
    place = osp.realpath(osp.join(tree.root, folder))
    if place in parents:  # a link to a folder above
        return
    tree.folders.append(folder)
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except PermissionError:
        tree.closed.append(folder)
        return
    for entry in entries:
        path = f'{folder}/{entry.name}'
        if entry.is_dir():
            _scan_folder(tree, path, (*parents, place))
        else:
            tree.files[path] = entry.stat().st_size if osp.exists(entry.path) else -1
