"""Files that are either complete or not there, and what tells two of them apart."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ['file_hash', 'remove_leftovers', 'write_json', 'written_whole']


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and rename it when the block ends; nothing stays of a block that fails.

    A reader, or a run killed while writing, never meets half a file, and what stood at ``path`` lives until then. The
    same holds when the machine itself goes down: the content is on the disk before the name is, and the name before the
    block ends.

    Args:
        path (str | Path): The file to make or replace. The path to write to has the same suffix.
    """
    path = Path(path)
    part = path.with_name(f'.{os.getpid()}.{path.name}')
    try:
        yield part
        _sync(part)
        os.replace(part, path)
        with suppress(OSError):  # some network file systems cannot do it for a folder
            _sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: str | Path) -> None:
    """Delete what killed blocks of :func:`written_whole` left in a folder, where no other may be writing now."""
    for file in Path(folder).glob('.*'):
        if re.match(r'\.\d+\.', file.name):
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
