"""Train what is behind the paper's tables, and print ours beside the paper's; or the CNN baselines beside HAResformer.

    python tools/reproduce.py table5 --dataset synth
    python tools/reproduce.py table2 table3 table4 fig6 --dataset synth --seeds 3 --jobs 2
    python tools/reproduce.py table4 --dataset sysu --data-root /data/SYSU-MM01 --dry-run
    python tools/reproduce.py baselines --dataset synth --seeds 3

Every run has a folder of its own below WORK_DIR. Started again, the command goes on where it stopped: finished runs
are not repeated, interrupted ones are resumed. WORK_DIR also gets every table as Markdown and CSV, and Figure 6 as a
picture.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.cli.arguments import add_cfg_options, at_least, user_path
from haresreid.cli.errors import clear_errors
from haresreid.files.paths import CONFIG_ROOT
from haresreid.reproduce.paper import DATASETS, PAPER_TABLES, rows

if TYPE_CHECKING:
    from haresreid.reproduce import Comparison, Run
    from haresreid.visualization import LambdaPoint

TRAIN = Path(__file__).with_name('train.py')
# of a narrow run that has two cores; for the real sets there is no such figure, since nobody here has trained on them
SYNVI_SECONDS_PER_EPOCH = 20.0
TABLES = (*PAPER_TABLES, 'baselines')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tables', nargs='+', metavar='TABLE', help=', '.join(TABLES))
    parser.add_argument('--dataset', required=True, metavar='NAME', help=', '.join(DATASETS))
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
        '--dry-run', action='store_true', help='only list the runs, their states, and the time they would take'
    )
    parser.add_argument(
        '--seconds-per-epoch',
        type=float,
        metavar='S',
        help='of one run beside the other jobs, for the estimate; default: as the finished runs took',
    )
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the configs'")
    parser.add_argument(
        '--work-dir', type=user_path, default='work_dirs/reproduce', help='default: work_dirs/reproduce'
    )
    add_cfg_options(parser)
    args = parser.parse_args()
    args.work_dir = Path(args.work_dir)
    return args


def plan(args: argparse.Namespace) -> list[Run]:
    """The runs behind the tables, for the command line."""
    from haresreid.config.config import read_overrides
    from haresreid.reproduce import nearest, plan_runs

    tables = [nearest('table', name, TABLES) for name in args.tables]
    nearest('data set', args.dataset, DATASETS)
    configs = dict.fromkeys(config for table in tables for config in configs_of(table, args.dataset))
    options = [f'--data-root={args.data_root}'] if args.data_root else []
    if args.cfg_options:
        options += ['--cfg-options', *args.cfg_options]
    splits = args.splits if DATASETS[args.dataset] == 'regdb' else []
    return plan_runs(
        configs, range(args.seeds), splits, args.work_dir, TRAIN, options, read_overrides(args.cfg_options)
    )


def configs_of(table: str, dataset: str) -> list[str]:
    """The configs that are behind a table; rows of the same training have the same one."""
    from haresreid.reproduce import baseline_configs

    if table == 'baselines':
        return list(baseline_configs(dataset).values())
    return [row.config for row in rows(table, dataset) if row.config]


def show_plan(runs: list[Run], args: argparse.Namespace) -> None:
    """Print every run with its state, and how long the rest will take."""
    from haresreid.config.config import read_overrides
    from haresreid.reproduce import format_seconds, run_state, start_runs, time_left

    runs = start_runs(runs, TRAIN, read_overrides(args.cfg_options)) + runs
    width = max(len(run.name) for run in runs)
    for run in runs:
        print(f'{run.name:{width}}  {run_state(run)}')
    pace, basis = choose_pace(runs, args)
    left = time_left(runs, args.jobs, pace)
    states = [run_state(run) for run in runs]
    epochs = sum(run.epochs - state.epoch for run, state in zip(runs, states))
    print(
        f'\n{sum(not state.finished for state in states)} of {len(runs)} runs to go, {epochs} epochs; time with --jobs '
        f'{args.jobs}: {"unknown" if left is None else format_seconds(left)} ({basis})'
    )


def choose_pace(runs: list[Run], args: argparse.Namespace) -> tuple[float | None, str]:
    """Seconds per epoch of one run, and where that is from."""
    from haresreid.reproduce import read_pace

    if args.seconds_per_epoch:
        return args.seconds_per_epoch, f'{args.seconds_per_epoch:g} s per epoch, as --seconds-per-epoch says'
    if pace := read_pace(runs):
        return pace, f'{pace:.1f} s per epoch, as the finished runs took'
    if args.dataset.startswith('synth'):
        pace = SYNVI_SECONDS_PER_EPOCH * args.jobs  # jobs divide the cores: together they are hardly faster
        return pace, f'{pace:g} s per epoch of one run, a guess for two cores until a run is finished here'
    return None, 'no run is finished here; --seconds-per-epoch gives an estimate'


def prepare_data(runs: list[Run], args: argparse.Namespace) -> None:
    """Find missing images before anything is trained, and draw SynVI once rather than in every job."""
    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import set_data_root, set_split
    from haresreid.config.config import LOADERS, load_config, read_overrides

    for run in {run.split: run for run in runs}.values():
        cfg = load_config(str(CONFIG_ROOT / run.config), read_overrides(args.cfg_options))
        if args.data_root:
            set_data_root(cfg, args.data_root)
        if run.split is not None:
            set_split(cfg, run.split)
        check_data(cfg, LOADERS)


@contextmanager
def locked(work_dir: Path) -> Iterator[None]:
    """Keep a second start of this command out of the same runs; the lock ends with the process, however that ends."""
    from filelock import FileLock, Timeout

    work_dir.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(work_dir / '.lock').acquire(blocking=False)
    except Timeout:
        raise ValueError(
            f'another tools/reproduce.py is at work in {work_dir}: wait for its end, or give another --work-dir'
        ) from None
    with lock:
        yield


def say(line: str) -> None:
    """Print a line at once, also into a file."""
    print(line, flush=True)


def show_tables(runs: list[Run], args: argparse.Namespace) -> None:
    """Print every table and write it into the work directory."""
    from haresreid.config.config import read_overrides
    from haresreid.files.files import written_whole
    from haresreid.reproduce import compare, compare_baselines, read_run_results, run_state
    from haresreid.visualization import draw_lambda_curves

    results: dict[str, list[dict]] = {}
    for run in runs:
        if run_state(run).finished:
            results.setdefault(run.config, []).append(read_run_results(run))
    for table in dict.fromkeys(args.tables):
        comparison = (
            compare_baselines(args.dataset, results, read_overrides(args.cfg_options))
            if table == 'baselines'
            else compare(table, args.dataset, results)
        )
        file = args.work_dir / f'{args.dataset}_{table}'
        for suffix, text in (('.md', comparison.markdown() + '\n'), ('.csv', comparison.csv())):
            with written_whole(file.with_suffix(suffix)) as part:
                part.write_text(text, encoding='utf-8')
        points = lambda_points(comparison) if table == 'fig6' else []
        if points:
            draw_lambda_curves(points, file)
        print(f'\n{comparison.markdown()}\n\nWritten: {file}.md, .csv{", .png, .svg" if points else ""}')


def lambda_points(comparison: Comparison) -> list[LambdaPoint]:
    """Figure 6: a point for each of our models, and the paper's where both are on the same images."""
    from haresreid.visualization import LambdaPoint

    protocols = dict.fromkeys(column.rsplit('/', 1)[0] for column in comparison.columns)
    points = []
    for row, ours in zip(comparison.rows, comparison.ours):
        for protocol in protocols:
            columns = [f'{protocol}/{metric}' for metric in ('R1', 'mAP')]
            if columns[0] in ours:
                points += [
                    LambdaPoint(protocol, 'ours', float(row.label), *figures)
                    for figures in zip(*(ours[column] for column in columns))
                ]
            if columns[0] in row.paper and not comparison.dataset.startswith('synth'):
                points.append(
                    LambdaPoint(protocol, 'paper', float(row.label), *(row.paper[column] for column in columns))
                )
    return points


def main() -> None:
    args = parse_args()
    from haresreid.config.config import read_overrides
    from haresreid.reproduce import probe_branches, run_all, run_state, start_runs

    runs = plan(args)
    if runs[0].split is not None:
        print(
            f"RegDB: one model for each of the splits {', '.join(map(str, args.splits))}; the paper's figures are "
            'means over ten (--splits 1 2 3 4 5 6 7 8 9 10).\n'
        )
    if args.dry_run:
        show_plan(runs, args)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exception, so that the runs are ended
    prepare_data([run for run in runs if not run_state(run).finished], args)
    with locked(args.work_dir):
        pending = [run for run in runs if not run_state(run).finished]
        say(f'{len(runs)} runs, {len(runs) - len(pending)} of them finished already')
        starts = start_runs(pending, TRAIN, read_overrides(args.cfg_options))
        failed = run_all(starts, 1, say) or run_all(runs, args.jobs, say)
        probe_branches(runs, say)
        show_tables(runs, args)
    if failed:
        sys.exit(
            f'\nerror: {len(failed)} runs failed: {"; ".join(run.name for run in failed)}. The same '
            'command tries them again.'
        )


if __name__ == '__main__':
    with clear_errors():
        try:
            main()
        except KeyboardInterrupt:
            sys.exit('stopped; the same command goes on from here')
