"""Writing files that are either complete or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ['written_whole']


@contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and rename it when the block ends; nothing stays of a block that fails.

    A reader, or a run killed while writing, never meets half a file, and what stood at ``path`` lives until then.

    Args:
        path (str | Path): The file to make or replace. The path to write to has the same suffix.
    """
    path = Path(path)
    part = path.with_name(f'.{os.getpid()}.{path.name}')
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
