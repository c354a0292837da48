"""Which folder was meant: the data root, one above or below it, or another data set."""

import os
import os.path as osp

from haresreid.datasets.layout import meant_folder

from .finding import Finding, Severity, counted, few
from .layouts import LAYOUTS, Layout

__all__ = ['find_root', 'guess_layout', 'present_folders']


def present_folders(root: str, layout: Layout) -> list[str]:
    """The layout's folders, and lists beside them, that exist in ``root``."""
    return [folder for folder in layout.folders if osp.exists(osp.join(root, folder))]


def guess_layout(root: str) -> str:
    """The key of ``LAYOUTS`` whose folders are in ``root``, or one folder above or below it.

    Raises:
        ValueError: There are folders of no layout.
    """
    for name, layout in LAYOUTS.items():
        if _looks_like(root, layout) or meant_folder(root, layout.folders):
            return name
    wanted = '; '.join(f'{layout.title} has {", ".join(layout.folders)}' for layout in LAYOUTS.values())
    raise ValueError(f'{root!r} is none of the data sets: it holds {_entries(root)}; {wanted}.')


def find_root(root: str, layout: Layout) -> tuple[str | None, list[Finding]]:
    """The folder to check (None if there is nothing to check), and the faults of ``root``."""
    missing = [folder for folder in layout.folders if folder not in present_folders(root, layout)]
    if not missing:
        return root, []
    meant = meant_folder(root, layout.folders)
    if meant:
        direction = 'low' if meant == osp.dirname(osp.abspath(root)) else 'high'
        return meant, [
            Finding(
                Severity.ERROR,
                'nesting',
                f'{root} is one folder too {direction}; what follows is about {meant}.',
                f'Give {meant} as the data root.',
            )
        ]
    if _looks_like(root, layout):
        return root, [
            Finding(
                Severity.ERROR,
                'missing folder',
                f'{counted(len(missing), "entry" if layout.entry.tracks else "folder")} of {layout.title} not there.',
                'Unpack the data set again.',
                tuple(missing),
            )
        ]
    other = next((f' (this looks like {other.title})' for other in LAYOUTS.values() if _looks_like(root, other)), '')
    return None, [
        Finding(
            Severity.ERROR,
            'nesting',
            f'{root} is not {layout.title}: it holds {_entries(root)} and lacks {", ".join(missing)}.',
            f'Give the folder that holds these{other}.',
        )
    ]


def _looks_like(root: str, layout: Layout) -> bool:
    return len(present_folders(root, layout)) > len(layout.folders) / 2


def _entries(root: str) -> str:
    return few(sorted(entry for entry in os.listdir(root) if not entry.startswith('.'))) or 'nothing'
