"""Search the options of a training: Optuna chooses them, from the results of the trials before.

    haresreid sweep haresformer_synth_short --trials 20 --search optim_wrapper.optimizer.lr=5e-4:2e-2:log \
        model.criterion.losses.hc_tri.weight=0.5:4.0 model.backbone.stage.num_heads=1,2,4

Each trial is a training in a folder of its own below WORK_DIR, which also gets sweep.db (SQLite), trials.csv and
sweep.png: the importance of each option, and the results in their order. When started again, the command continues
where it stopped; with more --trials it goes on.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import METRIC_NAMES
from haresreid.cli.arguments import add_cfg_options, add_config, at_least, key_value, user_path
from haresreid.files.extras import require_extra

if TYPE_CHECKING:
    import optuna


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        '--search',
        nargs='+',
        action='extend',
        required=True,
        type=key_value,
        metavar='KEY=VALUES',
        help='a config entry and its values: LOW:HIGH, LOW:HIGH:log, or A,B,C',
    )
    parser.add_argument('--trials', type=at_least(1), required=True, metavar='N', help='how many there are in the end')
    parser.add_argument(
        '--jobs', type=at_least(1), default=1, metavar='N', help='trials at a time, which share the cores; default: 1'
    )
    parser.add_argument(
        '--metric',
        metavar='NAME',
        help="what is maximised, such as sysu/all/R1; default: mAP of the config's first protocol",
    )
    parser.add_argument('--seed', type=at_least(0), default=0, help='of the choices and of every training; default: 0')
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the config's")
    parser.add_argument('--work-dir', type=user_path, help='default: work_dirs/sweep/<config name>[_<variant>]')
    add_cfg_options(parser)


def main(args: argparse.Namespace) -> None:
    require_extra('optuna', 'sweep')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that the running trainings are ended
    try:
        search(args)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt('the same command goes on from here') from stop


def search(args: argparse.Namespace) -> None:
    """Train the trials that are not there yet, and show what came out."""
    from haresreid.config.config import config_hash, read_overrides
    from haresreid.files.files import make_folder
    from haresreid.registry import PROTOCOLS
    from haresreid.reproduce import Recipe, plan_runs
    from haresreid.reproduce.lock import locked
    from haresreid.reproduce.nearest import nearest
    from haresreid.reproduce.sweep import first_of, open_study, options_of, read_space, sweep

    from .reproduce import prepare_data, say

    recipe, space = Recipe(str(Path(args.config).absolute()), args.variant), read_space(args.search)
    fixed = read_overrides(args.cfg_options)
    if twice := [key for key in space if key in fixed]:
        raise ValueError(f'{", ".join(twice)} is both searched and set by --cfg-options: leave one out')
    cfg = recipe.load(fixed)
    protocols = [PROTOCOLS.build(protocol).name for protocol in cfg.val_evaluator.protocols]
    known = [f'{protocol}/{name}' for protocol in protocols for name in METRIC_NAMES]
    metric = nearest('metric', args.metric or f'{protocols[0]}/mAP', known)
    work_dir = Path(args.work_dir or Path('work_dirs', 'sweep', recipe.name))
    data_root = [f'--data-root={args.data_root}'] if args.data_root else []

    def plan(trial):
        options = [*args.cfg_options, *options_of(trial.params)]
        arguments = [*data_root, '--cfg-options', *options]
        folder = work_dir / f'trial_{trial.number:03d}'
        [run] = plan_runs([recipe], [args.seed], [], folder, arguments, read_overrides(options))
        return run

    first = read_overrides([*args.cfg_options, *options_of(first_of(space))])  # finds an unknown key at once
    runs = plan_runs([recipe], [args.seed], [], work_dir, overrides=first)
    prepare_data(runs, args.data_root, first)
    make_folder(work_dir)
    with locked(work_dir, 'sweep'):
        study = open_study(work_dir, space, config=config_hash(cfg), metric=metric, seed=args.seed)
        try:
            sweep(study, space, plan, metric, args.trials, args.jobs, args.seed, say)
        finally:
            show(study, space, metric, work_dir)


def show(study: optuna.Study, space: dict, metric: str, work_dir: Path) -> None:
    """Write trials.csv and sweep.png, and print the best trial."""
    from haresreid.files.csv_files import csv_text
    from haresreid.files.files import written_whole
    from haresreid.reproduce.sweep import importances, options_of, trials_of
    from haresreid.visualization import draw_sweep

    trials = trials_of(study, space)
    lines = [('trial', 'state', metric, *space)]
    lines += [(trial.number, trial.state.name.lower(), trial.value, *map(trial.params.get, space)) for trial in trials]
    with written_whole(work_dir / 'trials.csv') as part:
        part.write_text(csv_text(lines), encoding='utf-8')
    complete = [trial for trial in trials if trial.value is not None]
    if complete:
        best, shares = max(complete, key=lambda trial: trial.value), importances(study)
        values = [float('nan') if trial.value is None else trial.value for trial in trials]
        draw_sweep(shares, values, metric, work_dir / 'sweep.png')
        print(f'\nBest: trial {best.number} of {len(trials)}, {metric} {best.value:.2f}')
        print(f'--cfg-options {shlex.join(options_of(best.params))}')
        print('Importance: ' + (', '.join(f'{key} {share:.2f}' for key, share in shares.items()) or 'not known yet'))
    print(f'Trials: {work_dir / "trials.csv"}' + (f'. Figure: {work_dir / "sweep.png"}' if complete else ''))
