"""Files of an index must be plain: a link, a pipe or a device would redirect reads and writes."""

import os
import stat
from pathlib import Path
from typing import IO

__all__ = ['check_plain', 'check_plain_folder', 'open_plain']


def open_plain(path: Path, mode: str) -> IO[bytes]:
    """Open an existing plain file.

    Raises:
        FileNotFoundError: If it does not exist.
        ValueError: If it is a link, has a second name, or is not a file.
    """
    return open(path, mode, opener=_open_plain)


def _open_plain(path: str, flags: int) -> int:
    check_plain(path, os.lstat(path))  # before it is opened, since devices may act on that
    descriptor = os.open(path, flags | getattr(os, 'O_NOFOLLOW', 0) | getattr(os, 'O_NONBLOCK', 0))
    try:
        check_plain(path, os.fstat(descriptor))  # it may have been exchanged in the meantime
    except ValueError:
        os.close(descriptor)
        raise
    return descriptor


def check_plain(path: str | Path, found: os.stat_result) -> None:
    """Refuse anything but a plain file.

    Raises:
        ValueError: If it is a link, has a second name, or is not a file.
    """
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1):
        raise ValueError(
            f'{path} is a link, or a second name of another file, and an index may hold only plain files: if '
            'the index is yours, copy it with cp -rL'
        )
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(
            f'{path} is not a file, but the index needs one there: restore it from a copy or build it anew'
        )


def check_plain_folder(path: Path) -> None:
    """Refuse a link to a folder.

    Raises:
        FileNotFoundError: If nothing is there.
        ValueError: If it is a link or not a folder.
    """
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise ValueError(
            f'{path} is a link or no folder, but the index needs a folder of its own there: if the index is '
            'yours, copy it with cp -rL'
        )
