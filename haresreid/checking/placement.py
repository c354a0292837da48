"""Checks of paths: misplaced images, and stray files and folders."""

from collections.abc import Container, Iterator

from haresreid.files.images import IMAGE_EXTENSIONS

from .finding import Finding, Severity, counted
from .layouts import Layout
from .tree import Tree

__all__ = ['check_placement', 'check_strays', 'is_hidden', 'is_image_name']

_SYSTEM_FILES = ('thumbs.db', 'desktop.ini')


def is_hidden(path: str) -> bool:
    """Whether this file was left by an operating system."""
    name = path.rsplit('/', 1)[-1]
    return name.startswith('.') or name.lower() in _SYSTEM_FILES


def is_image_name(path: str) -> bool:
    """Whether haresreid would take this file for an image."""
    return path.lower().endswith(IMAGE_EXTENSIONS) and not is_hidden(path)


def check_placement(tree: Tree, layout: Layout) -> Iterator[Finding]:
    """Find misplaced images, empty files and unreachable files."""
    images = [path for path in _files(tree, layout) if is_image_name(path)]
    misplaced = [path for path in images if not layout.locate(path)]
    if misplaced:
        yield Finding(
            Severity.ERROR,
            'misplaced',
            f'{counted(len(misplaced), "image")} at a path where none is looked for; '
            f'right paths are like {layout.example}.',
            'Rename the folders, or move them up or down.',
            tuple(misplaced),
        )
    empty = [path for path in images if tree.files[path] == 0]
    if empty:
        yield Finding(
            Severity.ERROR,
            'empty file',
            f'{counted(len(empty), "image")} of zero bytes.',
            'Unpack the data set again.',
            tuple(empty),
        )
    unreachable = [path for path in images if tree.files[path] < 0] + tree.closed
    if unreachable:
        yield Finding(
            Severity.ERROR,
            'unreachable',
            f'{counted(len(unreachable), "path")} out of reach: a link that leads nowhere, or no permission.',
            'Restore the link or the permission.',
            tuple(unreachable),
        )


def check_strays(tree: Tree, layout: Layout, disguised: Container[str]) -> Iterator[Finding]:
    """Find files and folders that do not belong here. ``disguised`` files are images by content, not by name."""
    folders = [path for path in tree.folders if _is_stray_folder(path, tree, layout)]
    strays = [
        path
        for path in _files(tree, layout)
        if not is_image_name(path)
        and path not in disguised
        and not path.startswith(tuple(f'{folder}/' for folder in folders))
    ]
    hidden = [path for path in strays if is_hidden(path)]
    others = [path for path in strays if not is_hidden(path)]
    if hidden:
        yield Finding(
            Severity.WARNING,
            'stray file',
            f'{counted(len(hidden), "file")} left by an operating system: harmless to '
            'haresreid, but code that takes every file of a folder draws other galleries.',
            'Delete such files.',
            tuple(hidden),
        )
    if others:
        yield Finding(
            Severity.WARNING,
            'stray file',
            f'{counted(len(others), "file")} of another kind between images.',
            'Move such files elsewhere, or delete them.',
            tuple(others),
        )
    if folders:
        yield Finding(
            Severity.WARNING,
            'stray folder',
            f'{counted(len(folders), "folder")} of no identity or camera.',
            'Move such folders elsewhere, or delete them.',
            tuple(folders),
        )


def _files(tree: Tree, layout: Layout) -> list[str]:
    return [path for path in tree.files if path.split('/')[0] in layout.entry.folders]


def _is_stray_folder(path: str, tree: Tree, layout: Layout) -> bool:
    """Whether a folder lies beside identities or cameras without being one. Misplaced images are another fault."""
    parent = path.rpartition('/')[0]
    return bool(
        parent
        and layout.folders_at.fullmatch(parent)
        and not layout.folders_at.fullmatch(path)
        and not any(is_image_name(file) for file in tree.files if file.startswith(f'{path}/'))
    )
