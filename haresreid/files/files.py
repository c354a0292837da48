"""Writing files atomically, and hashing them."""

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

# '.<token>.<name>'; in release 0.1 the token was the process id
PART = re.compile(r'\.(?:[0-9a-f]{16}|\d+)\.(.+)', re.DOTALL)


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, and rename it to ``path`` when the block ends.

    If the block fails, the temporary file is removed. Readers never see half a file, even if the run is killed while
    writing, and the old file stays until the new one is complete. This also holds when the machine itself goes down:
    the content is on the disk before the name is, and the name before the block ends.

    Args:
        path (str | Path): The file to create or replace. The path to write to is made by :func:`new_part`.

    Raises:
        OSError: If ``path`` cannot be written; the error names it.
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
        with suppress(OSError):  # if writing failed, this may fail as well
            part.unlink(missing_ok=True)


def new_part(path: Path) -> Path:
    """Create an empty file beside ``path``, with the same suffix, to be written and then renamed to it.

    Its name is unpredictable, so nobody can place a link there in advance. Its permissions follow the umask.
    """
    part = path.with_name(f'.{secrets.token_hex(8)}.{path.name}')
    with naming(path, part):
        part.touch(exist_ok=False)  # O_CREAT | O_EXCL, which follows no link
    return part


@contextmanager
def naming(path: Path, part: Path | None = None) -> Iterator[None]:
    """Make an OSError name ``path`` if it names no file, as after a failed write, or names ``part``."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename in (None, part, str(part)):
            error.filename, error.filename2 = str(path), None
        raise


def make_folder(folder: str | Path) -> None:
    """Create a folder and its missing parents; their names are on the disk when this returns."""
    folder = Path(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk; Windows has no such call and needs none."""
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
    """Delete temporary files of :func:`new_part` and :func:`written_whole` that killed processes left in a folder.

    Args:
        folder (str | Path): The folder; nobody else may be writing there now. It may be missing.
        name (str, optional): Delete only the temporary files of this file. Defaults to None, all.
    """
    for file in Path(folder).glob('.*'):
        found = PART.fullmatch(file.name)
        if found and name in (None, found[1]):
            file.unlink(missing_ok=True)


def write_json(path: str | Path, content: dict) -> None:
    """Write a dict atomically as an indented JSON file."""
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
    """Refuse a pipe or a device instead of a file: reading a pipe may block, and a device may never end.

    Raises:
        OSError: If the path does not exist.
        ValueError: If it is neither a file nor a folder.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ValueError(f'{path} is a pipe or a device, and should be a file')
