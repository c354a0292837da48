"""Train the models of the paper's tables and print our results beside the paper's; or compare the CNN baselines.

    haresreid reproduce table5 --dataset synth
    haresreid reproduce table2 table3 table4 fig6 --dataset synth --seeds 3 --jobs 2
    haresreid reproduce table4 --dataset sysu --data-root /data/SYSU-MM01 --dry-run
    haresreid reproduce table6 --dataset synth --all-methods
    haresreid reproduce baselines --dataset synth --seeds 3
    haresreid reproduce baselines --dataset sysu --seeds 3 --jobs 16 --executor slurm --cluster slurm_partition=gpu
    haresreid reproduce table3 --show

Every run has its own folder below WORK_DIR. When started again, the command continues where it stopped: finished runs
are not repeated, and interrupted ones are resumed. Every table is also written to WORK_DIR as Markdown and CSV, and
Figure 6 as a picture.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import RUN_DATASETS, TABLE_NAMES
from haresreid.cli.arguments import above_zero, add_cfg_options, at_least, key_value, user_path
from haresreid.files.extras import require_extra

if TYPE_CHECKING:
    from haresreid.reproduce import Run
    from haresreid.reproduce.schedule import Start


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('tables', nargs='+', metavar='TABLE', help=', '.join(TABLE_NAMES))
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument('--dataset', metavar='NAME', help=', '.join(RUN_DATASETS))
    asked.add_argument(
        '--show', action='store_true', help="only print each row's variant, what it changes, and the paper's figures"
    )
    parser.add_argument(
        '--all-methods',
        action='store_true',
        help='table6, table7, table8: also the baselines that the paper leaves out',
    )
    parser.add_argument(
        '--seeds', type=at_least(1), default=1, metavar='N', help='models per row: seeds 0 to N - 1; default: 1'
    )
    parser.add_argument(
        '--splits',
        type=int,
        nargs='+',
        default=[1],
        metavar='K',
        help="RegDB's splits, a model for each; the paper's figures are means over 1 to 10; default: 1",
    )
    parser.add_argument(
        '--jobs', type=at_least(1), default=1, metavar='N', help='runs at a time, which share the cores; default: 1'
    )
    parser.add_argument(
        '--executor',
        choices=('local', 'slurm'),
        default='local',
        help='what trains: processes of this machine, or jobs of Slurm; default: local',
    )
    parser.add_argument(
        '--cluster',
        nargs='+',
        action='extend',
        default=[],
        type=key_value,
        metavar='KEY=VALUE',
        help='what a job asks of Slurm, as submitit calls it: slurm_partition=gpu timeout_min=600 gpus_per_node=1',
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='only list the runs, their states, and the time they would take'
    )
    parser.add_argument(
        '--seconds-per-epoch',
        type=above_zero,
        metavar='S',
        help='of one run beside the other jobs, for the estimate; default: as the finished runs took',
    )
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the configs'")
    parser.add_argument(
        '--work-dir', type=user_path, default='work_dirs/reproduce', help='default: work_dirs/reproduce'
    )
    add_cfg_options(parser)


def main(args: argparse.Namespace) -> None:
    if args.show:
        from haresreid.reproduce import refuse_idle_all_methods, show_table

        if args.all_methods:
            refuse_idle_all_methods(args.tables)
        print('\n\n'.join(show_table(table, args.all_methods) for table in args.tables))
        return
    try:
        reproduce(args)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt('the same command goes on from here') from stop


def reproduce(args: argparse.Namespace) -> None:
    """Plan the runs, train those that are not finished, and show the tables."""
    from haresreid.config.config import read_overrides
    from haresreid.reproduce import describe_plan, plan_tables, probe_branches, run_all, run_state, write_tables
    from haresreid.reproduce.lock import locked

    work_dir, overrides = Path(args.work_dir), read_overrides(args.cfg_options)
    runs = plan_tables(
        args.tables,
        args.dataset,
        args.seeds,
        args.splits,
        work_dir,
        args.data_root,
        args.cfg_options,
        args.all_methods,
    )
    if runs[0].split is not None:
        print(
            f"RegDB: one model for each of the splits {', '.join(map(str, args.splits))}; the paper's figures are "
            'means over ten (--splits 1 2 3 4 5 6 7 8 9 10).\n'
        )
    if args.dry_run:
        print(describe_plan(runs, args.dataset, args.jobs, args.seconds_per_epoch))
        return
    start = submitter(args, work_dir)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that the running trainings are ended
    prepare_data([run for run in runs if not run_state(run).finished], args.data_root, overrides)
    with locked(work_dir, 'reproduce'):
        pending = [run for run in runs if not run_state(run).finished]
        say(f'{len(runs)} runs, {len(runs) - len(pending)} of them finished already')
        failed = run_all(runs, args.jobs, say, start)
        probe_branches(runs, say)
        write_tables(args.tables, args.dataset, runs, work_dir, overrides, args.all_methods)
    if failed:
        sys.exit(
            f'\nerror: {len(failed)} runs failed: {"; ".join(run.name for run in failed)}. The same '
            'command tries them again.'
        )


def submitter(args: argparse.Namespace, work_dir: Path) -> Start | None:
    """What starts a training, if it is no process of this machine."""
    if args.executor == 'local':
        if args.cluster:
            raise ValueError('--cluster is for --executor slurm: add it, or leave --cluster out')
        return None
    require_extra('submitit', 'cluster')
    from haresreid.config.config import read_overrides
    from haresreid.reproduce.cluster import cluster_start

    return cluster_start(work_dir / 'jobs', read_overrides(args.cluster))


def prepare_data(runs: list[Run], data_root: str | None, overrides: dict) -> None:
    """Find missing images before anything is trained, and draw SynVI once rather than in every job."""
    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import set_data_root, set_split
    from haresreid.config.config import LOADERS

    for run in {run.split: run for run in runs}.values():
        cfg = run.recipe.load(overrides)
        if data_root:
            set_data_root(cfg, data_root)
        if run.split is not None:
            set_split(cfg, run.split)
        check_data(cfg, LOADERS)


def say(line: str) -> None:
    """Print a line at once, also into a file."""
    print(line, flush=True)
