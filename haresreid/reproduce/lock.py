"""A lock that allows one command at a time in a work directory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ['locked']


@contextmanager
def locked(work_dir: Path, command: str) -> Iterator[None]:
    """Keep a second process of a command out of the same runs. The lock ends with the process, however that ends.

    Raises:
        ValueError: If another process is at work there.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(work_dir / '.lock').acquire(blocking=False)
    except Timeout:
        raise ValueError(
            f'another haresreid {command} is at work in {work_dir}: wait for its end, or give another --work-dir'
        ) from None
    with lock:
        yield
