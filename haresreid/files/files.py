"""Files that are either complete or not there, and what tells two of them apart."""

import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .paths import expand_home

__all__ = [
    'file_hash',
    'make_folder',
    'naming',
    'new_part',
    'remove_leftovers',
    'require_plain',
    'sync_folder',
    'write_json',
    'written_whole',
]

# '.<token>.<name>'; release 0.1 had the number of the process for a token
PART = re.compile(r'\.(?:[0-9a-f]{16}|\d+)\.(.+)', re.DOTALL)


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and rename it when the block ends; nothing stays of a block that fails.

    A reader, or a run killed while writing, never meets half a file, and what stood at ``path`` lives until then. The
    same holds when the machine itself goes down: the content is on the disk before the name is, and the name before the
    block ends.

    Args:
        path (str | Path): The file to make or replace. The path to write to is that of :func:`new_part`.

    Raises:
        OSError: Of ``path``, if it cannot be written.
    """
    path = Path(expand_home(path))
    part = new_part(path)
    try:
        with naming(path, part):
            yield part
            _sync(part, os.O_RDWR)
            os.replace(part, path)
            sync_folder(path.parent)
    finally:
        with suppress(OSError):  # where writing failed, this may fail as well
            part.unlink(missing_ok=True)


def new_part(path: Path) -> Path:
    """An empty file beside ``path``, to be written and then renamed to it, with the same suffix.

    Nobody can foresee its name, nor have a link wait there; its permissions are what the umask gives.
    """
    part = path.with_name(f'.{secrets.token_hex(8)}.{path.name}')
    with naming(path, part):
        part.touch(exist_ok=False)  # O_CREAT | O_EXCL, which follows no link
    return part


@contextmanager
def naming(path: Path, part: Path | None = None) -> Iterator[None]:
    """Have an OSError say that it is about ``path``, where it names no file, as that of a write, or ``part``."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename in (None, part, str(part)):
            error.filename, error.filename2 = str(path), None
        raise


def make_folder(folder: str | Path) -> None:
    """Make a folder and those above it that are missing; their names are on the disk when this returns."""
    folder = Path(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk when this returns; Windows has no such call and needs none."""
    if os.name == 'posix':
        try:
            with naming(folder):
                _sync(folder, os.O_RDONLY)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot do it
                raise


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: str | Path, name: str | None = None) -> None:
    """Delete what killed users of :func:`new_part` and :func:`written_whole` left in a folder.

    Args:
        folder (str | Path): Where no other may be writing now; it may be missing.
        name (str, optional): Only what was to become the file of this name. Defaults to None, all.
    """
    for file in Path(folder).glob('.*'):
        found = PART.fullmatch(file.name)
        if found and name in (None, found[1]):
            file.unlink(missing_ok=True)


def write_json(path: str | Path, content: dict) -> None:
    """Write a dict as an indented JSON file, whole or not at all."""
    with written_whole(path) as part:
        part.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def file_hash(path: str | Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()[:16]


def require_plain(path: str | Path) -> None:
    """Refuse a pipe and a device in the place of a file: one may be waited for, the other may never end.

    Raises:
        OSError: If nothing is there.
        ValueError: If it is no file and no folder.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ValueError(f'{path} is a pipe or a device, and should be a file')
