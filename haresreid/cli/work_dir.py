"""The folder that a run writes to; it never overwrites an earlier run, nor one that another process is writing."""

from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from haresreid.files.files import make_folder
from haresreid.files.paths import expand_home

__all__ = ['choose_work_dir', 'claim']

PATIENCE = 15  # seconds in which the loaders' workers of a killed training notice that, and let go of its lock
_claimed: dict[Path, FileLock] = {}  # until the process ends


def choose_work_dir(config: str, work_dir: str | None, resume: bool) -> Path:
    """The folder of this run.

    Without ``work_dir`` it is ``work_dirs/<config name>``, or the first free one of ``<config name>-2``, ``-3``, ...,
    which no other process can choose from then on.
    With ``resume`` it is the newest of these.

    Args:
        config (str): Path of the config file; for a variant, the path in ``Config.filename``.
        work_dir (str, optional): The folder that the user asked for.
        resume (bool): Whether to resume from the folder's last checkpoint.

    Raises:
        ValueError: If ``work_dir`` holds checkpoints of an earlier run and ``resume`` is not set.
    """
    if work_dir is None and not resume:
        return next(folder for folder in _numbered(config) if not _is_used(folder) and _is_free(folder))
    chosen = _newest(config) if work_dir is None else Path(expand_home(work_dir))
    if _is_used(chosen) and not resume:
        raise ValueError(
            f'{chosen} holds checkpoints of an earlier run: add --resume to go on with it, or give another --work-dir'
        )
    return chosen


def claim(folder: Path) -> None:
    """Keep other processes from training in a folder until this one ends, however that ends.

    Raises:
        ValueError: If another process is training there.
    """
    if not _is_free(folder, PATIENCE):
        raise ValueError(f'another training is at work in {folder}: wait for its end, or give another --work-dir')


def _numbered(config: str):
    base = Path('work_dirs') / Path(config).stem
    return (base if number == 1 else base.with_name(f'{base.name}-{number}') for number in count(1))


def _newest(config: str) -> Path:
    newest = None
    for folder in _numbered(config):
        if not _is_used(folder):
            return newest or folder
        newest = folder


def _is_used(folder: Path) -> bool:
    return any(folder.glob('[!.]*.pth'))


def _is_free(folder: Path, patience: float = 0) -> bool:
    """Lock a folder for this process; False if another one has it."""
    place = folder.resolve()
    if place in _claimed:
        return True
    make_folder(folder)  # MMEngine's own folder, with all checkpoints, might not survive a power cut
    lock = FileLock(folder / '.lock')
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        return False
    except NotImplementedError:  # some network file systems have no locks
        return True
    _claimed[place] = lock
    return True
