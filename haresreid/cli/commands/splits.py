"""Evaluate one checkpoint per split of RegDB, and average: the figure that papers give.

    haresreid splits haresformer_regdb 'work_dirs/regdb_{split}/epoch_80.pth'

Each split leaves its result in WORK_DIR/split_K, the mean stands in WORK_DIR/metrics.json. A split that is evaluated
already, by the same config and checkpoint on the same images, is not evaluated again.
"""

from __future__ import annotations

import argparse
import copy
import gc
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import haresreid
from haresreid.cli.arguments import add_test_arguments, user_path

if TYPE_CHECKING:
    from mmengine.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_test_arguments(parser)
    parser.add_argument(
        'checkpoints', type=user_path, help="the .pth files, with {split} in the place of the split's number"
    )
    parser.add_argument('--splits', type=int, nargs='+', default=range(1, 11), help='default: 1 to 10')


def find_checkpoints(pattern: str, splits: list[int]) -> dict[int, str]:
    """Split -> checkpoint; all that is missing is named at once."""
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
    """Refuse to write over the figures of something else."""
    from haresreid.evaluation.results import read_results

    file = work_dir / 'metrics.json'
    if file.exists() and 'splits' not in read_results(file)['data']:
        raise ValueError(f'{file} is of another evaluation and would be replaced: give another --work-dir')
    for folder in (work_dir / f'split_{split}' for split in splits):
        if any(folder.glob('*.pth')):
            raise ValueError(
                f'{folder} holds checkpoints, and the figures of their training would be replaced: give '
                'another --work-dir'
            )


def split_config(cfg: Config, split: int, checkpoint: str, work_dir: Path) -> Config:
    """The config of one split's evaluation."""
    from haresreid.cli.launch import set_split

    cfg = copy.deepcopy(cfg)
    set_split(cfg, split)
    cfg.load_from = checkpoint
    cfg.work_dir = str(work_dir)
    cfg.experiment_name = f'split_{split}'  # MMEngine keeps loggers and message hubs of a process apart by this name
    return cfg


def is_finished(cfg: Config) -> bool:
    """Whether the work directory holds the result of this very evaluation."""
    from haresreid.config.config import config_hash
    from haresreid.evaluation import data_fingerprint
    from haresreid.evaluation.results import describe_checkpoint, read_results
    from haresreid.registry import DATASETS

    images = DATASETS.build(dict(cfg.test_dataloader.dataset, pipeline=[]))
    file = Path(cfg.work_dir) / 'metrics.json'
    if not file.exists():
        return False
    content = read_results(file)
    return (
        content['software']['haresreid'] == haresreid.__version__
        and content.get('config', {}).get('hash') == config_hash(cfg)
        and content.get('checkpoint') == describe_checkpoint(cfg.load_from)
        and content['data']['fingerprint'] == data_fingerprint(images)
    )


def main(args: argparse.Namespace) -> None:
    from mmengine import dist
    from tqdm import tqdm

    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import load_test_config
    from haresreid.engine import ReIDRunner
    from haresreid.evaluation.results import read_results
    from haresreid.evaluation.splits import average_splits, format_splits, join_splits
    from haresreid.files.files import write_json

    work_dir = Path(args.work_dir or Path('work_dirs') / Path(args.config).stem / 'splits')
    checkpoints = find_checkpoints(args.checkpoints, list(args.splits))
    check_work_dir(work_dir, checkpoints)
    cfg = load_test_config(args)
    cfgs = {
        split: split_config(cfg, split, checkpoint, work_dir / f'split_{split}')
        for split, checkpoint in checkpoints.items()
    }
    for split_cfg in cfgs.values():  # before the first split is evaluated
        check_data(split_cfg, ['test_dataloader'])
    pending = [split for split in cfgs if not is_finished(cfgs[split])]
    for split in tqdm(pending, 'splits', disable=None):  # no bar outside a terminal
        ReIDRunner.from_cfg(cfgs[split]).test()
        gc.collect()  # a runner and its parts hold each other, and with them the model

    if dist.is_main_process():
        files = [work_dir / f'split_{split}' / 'metrics.json' for split in cfgs]
        contents = {file: read_results(file) for file in files}
        write_json(work_dir / 'metrics.json', average_splits(contents))
        print(f'\n{format_splits(join_splits(contents))}\n')
        print(f'Evaluated now: {", ".join(map(str, pending)) or "no split"}. Figures: {work_dir / "metrics.json"}')
