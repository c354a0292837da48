"""The evaluations of several splits: the checkpoints they need, where they write, and which are done already."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from mmengine.config import Config

import haresreid
from haresreid.config.config import config_hash
from haresreid.registry import DATASETS

from .results import data_fingerprint, describe_checkpoint, read_results

__all__ = ['check_work_dir', 'find_checkpoints', 'is_finished']


def find_checkpoints(pattern: str, splits: Sequence[int]) -> dict[int, str]:
    """The checkpoint of each split.

    Args:
        pattern (str): A path with ``{split}`` in the place of the split's number.
        splits (Sequence[int]): The splits.

    Raises:
        FileNotFoundError: If checkpoints are missing; the message lists all of them.
        ValueError: If the path has no place for the number, or a split is given twice.
    """
    if '{split}' not in pattern:
        raise ValueError(
            f'{pattern!r} is one file, and each split needs a model of its own: write {{split}} where the '
            "split's number stands, as in 'work_dirs/regdb_{split}/epoch_80.pth'"
        )
    if len(set(splits)) != len(splits):
        raise ValueError(f'--splits {" ".join(map(str, splits))}: each split counts once')
    checkpoints = {split: pattern.replace('{split}', str(split)) for split in sorted(splits)}
    missing = [checkpoint for checkpoint in checkpoints.values() if not Path(checkpoint).is_file()]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of {len(checkpoints)} checkpoints are missing: {", ".join(missing)}. '
            'Train them (haresreid train --split K), or name the splits that are there with --splits'
        )
    return checkpoints


def check_work_dir(work_dir: Path, splits: Iterable[int]) -> None:
    """Refuse to overwrite the results of something else.

    Args:
        work_dir (Path): The folder for the mean, with a folder for each split.
        splits (Iterable[int]): The splits.

    Raises:
        ValueError: If it holds another evaluation, or a split's folder holds a training.
    """
    file = work_dir / 'metrics.json'
    if file.exists() and 'splits' not in read_results(file)['data']:
        raise ValueError(f'{file} is of another evaluation and would be replaced: give another --work-dir')
    for folder in (work_dir / f'split_{split}' for split in splits):
        if any(folder.glob('*.pth')):
            raise ValueError(
                f'{folder} holds checkpoints, and the figures of their training would be replaced: give '
                'another --work-dir'
            )


def is_finished(cfg: Config) -> bool:
    """Whether the work directory already holds the result of this evaluation."""
    file = Path(cfg.work_dir) / 'metrics.json'
    if not file.exists():
        return False
    content = read_results(file)
    images = DATASETS.build(dict(cfg.test_dataloader.dataset, pipeline=[]))
    return (
        content['software']['haresreid'] == haresreid.__version__
        and content.get('config', {}).get('hash') == config_hash(cfg)
        and content.get('checkpoint') == describe_checkpoint(cfg.load_from)
        and content['data']['fingerprint'] == data_fingerprint(images)
    )
