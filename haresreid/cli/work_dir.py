"""The folder that a run writes to; it never overwrites an earlier run."""

from itertools import count
from pathlib import Path

from haresreid.files.paths import expand_home

__all__ = ['choose_work_dir']


def _is_used(folder: Path) -> bool:
    return any(folder.glob('[!.]*.pth'))


def choose_work_dir(config: str, work_dir: str | None, resume: bool) -> Path:
    """The folder of this run.

    Without ``work_dir`` it is ``work_dirs/<config name>``, or the first free one of ``<config name>-2``, ``-3``, ...
    With ``resume`` it is the newest of these.

    Args:
        config (str): Path of the config file; for a variant, the path in ``Config.filename``.
        work_dir (str, optional): The folder that the user asked for.
        resume (bool): Whether to resume from the folder's last checkpoint.

    Raises:
        ValueError: If ``work_dir`` holds checkpoints of an earlier run and ``resume`` is not set.
    """
    if work_dir is not None:
        chosen = Path(expand_home(work_dir))
        if _is_used(chosen) and not resume:
            raise ValueError(
                f'{chosen} holds checkpoints of an earlier run: add --resume to go on with it, '
                'or give another --work-dir'
            )
        return chosen
    base = Path('work_dirs') / Path(config).stem
    folders = (base if number == 1 else base.with_name(f'{base.name}-{number}') for number in count(1))
    chosen = previous = base
    for chosen in folders:
        if not _is_used(chosen):
            break
        previous = chosen
    return previous if resume else chosen
