"""Train a model.

    haresreid train haresformer_synth
    haresreid train haresformer_sysu --variant aux_s14 --data-root /data/SYSU-MM01
    haresreid train haresformer_regdb --split 3 --data-root /data/RegDB --amp

The work directory gets the checkpoints, metrics.json, ranked_list.png, curves.png, the config and the log.
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import add_common_arguments, add_config, at_least


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint of the work directory')
    parser.add_argument('--amp', action='store_true', help='mixed precision: fp16 on a GPU, bfloat16 on a CPU')
    parser.add_argument('--compile', action='store_true', help='train through torch.compile')
    parser.add_argument(
        '--profile',
        action='store_true',
        help='after some steps write where their time goes into the work directory, and go on',
    )
    parser.add_argument('--split', type=int, help="RegDB's split, 1..10")
    parser.add_argument('--seed', type=at_least(0), help='seed of initialisation, sampling and augmentation')
    add_common_arguments(parser)


def main(args: argparse.Namespace) -> None:
    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import (
        apply_common_arguments,
        count_classes,
        load_asked_config,
        set_split,
        skip_initial_weights,
        use_amp,
    )
    from haresreid.cli.starting_point import choose_starting_point
    from haresreid.compat.allocator import keep_freed_memory
    from haresreid.config.config import LOADERS
    from haresreid.engine import CompileHook, ProfileHook, ReIDRunner
    from haresreid.registry import MODELS

    cfg = load_asked_config(args)
    apply_common_arguments(cfg, args)
    if args.split is not None:
        set_split(cfg, args.split)
    if args.amp:
        use_amp(cfg)
    if cfg.get('model', {}).get('criterion'):
        MODELS.build(cfg.model.criterion)  # so that what is wrong with it shows before data are drawn
    subsets = check_data(cfg, LOADERS)
    count_classes(cfg, subsets)
    checkpoint = choose_starting_point(cfg, args)
    keep_freed_memory()
    runner = ReIDRunner.from_cfg(cfg)
    runner.listed = subsets
    if checkpoint is not None:
        # not in cfg, because the run saves it: a training started from the saved config begins at the beginning
        runner._resume, runner._load_from = True, checkpoint
        skip_initial_weights(runner)
    # on the runner, not in the config: neither changes what is trained
    if args.compile:
        runner.register_hook(CompileHook())
    if args.profile:
        runner.register_hook(ProfileHook())
    try:
        runner.train()
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_how_to_go_on(runner.work_dir)) from stop


def _how_to_go_on(work_dir: str) -> str:
    if any(Path(work_dir).glob('[!.]*.pth')):
        return f'the same command with --resume goes on from the last checkpoint in {work_dir}'
    return f'there is no checkpoint yet in {work_dir}, so a run starts anew'
