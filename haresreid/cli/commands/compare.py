"""Compare two results on the same queries: is the difference more than chance?

haresreid compare a/features.npz b/features.npz
haresreid compare work_dirs/agw work_dirs/haresformer --out comparison.json
haresreid compare work_dirs/reproduce/agw_synth work_dirs/reproduce/caj_synth    # folders of seeds
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import PROTOCOL_NAMES
from haresreid.cli.arguments import above_zero, at_least, user_path

if TYPE_CHECKING:
    from haresreid.evaluation.query_scores import ScoredQueries

SOURCE = (
    'features (.npz, .mat), a metrics.json with its metrics.npz, or a folder with these; a folder of runs, such as '
    'seed_0 and seed_1, stands for the seeds of one method'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('first', type=user_path, metavar='A', help=SOURCE)
    parser.add_argument('second', type=user_path, metavar='B', help='what is compared with it; differences are B - A')
    parser.add_argument('--names', nargs=2, metavar='NAME', help='what both are called; default: A B')
    parser.add_argument(
        '--protocol',
        metavar='NAME',
        help=f'default: the first one of A; there are {", ".join(PROTOCOL_NAMES)}',
    )
    parser.add_argument(
        '--rand-perm-cam', type=user_path, metavar='FILE', help='the official rand_perm_cam.mat, for sysu/...-official'
    )
    parser.add_argument('--row', default='ours', help="of results, e.g. 'ours + k-reciprocal'; default: ours")
    parser.add_argument('--level', type=fraction, default=0.95, help='of the intervals; default: 0.95')
    parser.add_argument('--resamples', type=at_least(999), default=9999, help='of each test; default: 9999')
    parser.add_argument(
        '--show', type=above_zero, default=1.0, metavar='POINTS', help='how many seeds would show it; default: 1 point'
    )
    parser.add_argument('--out', type=user_path, metavar='FILE.json', help='also write the figures, as fractions')


def fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.5 <= value < 1:
        raise argparse.ArgumentTypeError(f'{text!r} is no level from 0.5 to below 1, such as 0.95')
    return value


def main(args: argparse.Namespace) -> None:
    from dataclasses import asdict

    from haresreid.evaluation import protocol_by_name
    from haresreid.evaluation.significance import compare, compare_seeds, read_runs, split_variance
    from haresreid.evaluation.significance.scored_runs import run_files
    from haresreid.evaluation.significance.tables import difference_table, seed_table, variance_table
    from haresreid.files.extras import require_extra
    from haresreid.files.files import write_json

    if args.out and Path(args.out).exists():
        raise ValueError(f'{args.out} is there already, and is not overwritten: give another --out.')
    names = args.names or ['A', 'B']
    if len(set(names)) == 1:
        raise ValueError(f'--names {names[0]} {names[1]}: give two different names.')
    files = [run_files(source) for source in (args.first, args.second)]
    if min(map(len, files)) > 1:
        require_extra('statsmodels', 'statistics')  # before the long part
    protocol = protocol_by_name(args.protocol or _first_protocol(files[0][0]), args.rand_perm_cam)
    first, second = (read_runs(each, protocol, args.row) for each in files)

    differences = compare(first, second, args.level, args.resamples)
    splits = {name: split_variance(runs, args.resamples) for name, runs in zip(names, (first, second))}
    print(f'{_describe(first[0])}; {names[0]}: {_runs(first)}, {names[1]}: {_runs(second)}; percent\n')
    print(difference_table(differences, names, args.level))
    print('\nInterval and p: for other people, with these trained models. Where the noise of each mean comes from:\n')
    print(variance_table(splits))
    content = dict(
        protocol=first[0].protocol,
        row=args.row,
        level=args.level,
        resamples=args.resamples,
        names=names,
        runs=[[str(file) for file in each] for each in files],
        differences=[asdict(each) for each in differences],
        variance={name: [asdict(each) for each in split] for name, split in splits.items()},
    )
    if min(len(first), len(second)) > 1:
        seeds = compare_seeds(first, second, args.level)
        content['seeds'] = [asdict(each) for each in seeds]
        print('\nFor other seeds, on these people, and how many seeds of each would show the difference asked for:\n')
        print(seed_table(seeds, args.show, args.level))
    else:
        print('\nOne run says nothing of other seeds: give folders with two runs of each or more.')
    if args.out:
        write_json(args.out, content)
        print(f'\nFigures: {args.out}')


def _first_protocol(file: Path) -> str:
    from haresreid.evaluation.external_arrays import recorded_protocols
    from haresreid.evaluation.results import read_results

    if file.suffix == '.json':
        return next(iter(read_results(file)['protocols']))
    return recorded_protocols(file)[0]


def _describe(scored: ScoredQueries) -> str:
    valid = scored.valid[0]
    return (
        f'{scored.protocol}: {valid.sum()} valid queries of {len(set(scored.pids[valid]))} people, '
        f'{len(scored.trials)} trial{"s" * (len(scored.trials) > 1)}'
    )


def _runs(runs: list[ScoredQueries]) -> str:
    return f'{len(runs)} run{"s" * (len(runs) > 1)}'
