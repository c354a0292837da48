"""Evaluate a checkpoint under the config's protocols.

haresreid test haresformer_sysu work_dirs/haresformer_sysu/epoch_80.pth --flip
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import add_test_arguments, user_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_test_arguments(parser)
    parser.add_argument('checkpoint', type=user_path, help='a .pth file')
    parser.add_argument('--split', type=int, help="RegDB's split, 1..10")
    parser.add_argument(
        '--dump', type=user_path, metavar='FILE.npz', help='also write features, identities, cameras and paths'
    )


def check_dump(path: Path) -> None:
    """Refuse a file that cannot be written or already exists, before the model is built."""
    if path.suffix != '.npz':
        raise ValueError(f'--dump {path}: features are written to a .npz file')
    if path.exists():
        raise ValueError(f'--dump {path}: there is such a file already; remove it or give another name')
    if not path.parent.is_dir():
        raise FileNotFoundError(f'--dump {path}: there is no folder {path.parent}; make it first')


def main(args: argparse.Namespace) -> None:
    if args.dump:
        check_dump(Path(args.dump))
    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import load_test_config, set_split
    from haresreid.engine import ReIDRunner
    from haresreid.files.checkpoint_file import peek_checkpoint

    cfg = load_test_config(args)
    if args.split is not None:
        set_split(cfg, args.split)
    subsets = check_data(cfg, ['test_dataloader'])
    # a missing or damaged file is refused before anything is written
    peek_checkpoint(args.checkpoint)
    cfg.work_dir = args.work_dir or str(Path('work_dirs') / Path(cfg.filename).stem / 'test')
    cfg.load_from = args.checkpoint
    runner = ReIDRunner.from_cfg(cfg)
    runner.listed = subsets
    runner.test()
    if args.dump and runner.rank == 0:
        (metric,) = runner.test_evaluator.metrics
        metric.feature_set.save(args.dump)
        runner.logger.info(f'features written to {args.dump}')
