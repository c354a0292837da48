"""Evaluate one checkpoint per split of RegDB, and average the results, as papers do.

    haresreid splits haresformer_regdb 'work_dirs/regdb_{split}/epoch_80.pth'

The result of each split is written to WORK_DIR/split_K, and the mean to WORK_DIR/metrics.json. A split that has already
been evaluated with the same config and checkpoint on the same images is not evaluated again.
"""

from __future__ import annotations

import argparse
import copy
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.cli.arguments import add_test_arguments, user_path

if TYPE_CHECKING:
    from mmengine.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_test_arguments(parser)
    parser.add_argument(
        'checkpoints', type=user_path, help="the .pth files, with {split} in the place of the split's number"
    )
    parser.add_argument('--splits', type=int, nargs='+', default=range(1, 11), help='default: 1 to 10')


def split_config(cfg: Config, split: int, checkpoint: str, work_dir: Path) -> Config:
    """The config of one split's evaluation."""
    from haresreid.cli.launch import set_split

    cfg = copy.deepcopy(cfg)
    set_split(cfg, split)
    cfg.load_from = checkpoint
    cfg.work_dir = str(work_dir)
    cfg.experiment_name = f'split_{split}'  # MMEngine tells loggers and message hubs in one process apart by this name
    return cfg


def main(args: argparse.Namespace) -> None:
    from mmengine import dist
    from tqdm import tqdm

    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import load_test_config
    from haresreid.engine import ReIDRunner
    from haresreid.evaluation.results import read_results
    from haresreid.evaluation.seal import sealed
    from haresreid.evaluation.split_runs import check_work_dir, find_checkpoints, is_finished
    from haresreid.evaluation.splits import average_splits, format_splits, join_splits
    from haresreid.files.files import write_json

    checkpoints = find_checkpoints(args.checkpoints, list(args.splits))
    cfg = load_test_config(args)
    work_dir = Path(args.work_dir or Path('work_dirs') / Path(cfg.filename).stem / 'splits')
    check_work_dir(work_dir, checkpoints)
    cfgs = {
        split: split_config(cfg, split, checkpoint, work_dir / f'split_{split}')
        for split, checkpoint in checkpoints.items()
    }
    # before the first split is evaluated
    listed = {split: check_data(split_cfg, ['test_dataloader']) for split, split_cfg in cfgs.items()}
    pending = [split for split in cfgs if not is_finished(cfgs[split])]
    for split in tqdm(pending, 'splits', disable=None):  # no bar outside a terminal
        runner = ReIDRunner.from_cfg(cfgs[split])
        runner.listed = listed.pop(split)
        runner.test()
        del runner
        gc.collect()  # a runner and its parts reference each other, and keep the model alive

    if dist.is_main_process():
        files = [work_dir / f'split_{split}' / 'metrics.json' for split in cfgs]
        contents = {file: read_results(file) for file in files}
        write_json(work_dir / 'metrics.json', sealed(average_splits(contents)))
        print(f'\n{format_splits(join_splits(contents))}\n')
        print(f'Evaluated now: {", ".join(map(str, pending)) or "no split"}. Figures: {work_dir / "metrics.json"}')
