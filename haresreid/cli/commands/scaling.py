"""Measure what heads H and layers L of the transformer encoders cost on this machine (Table V): time and memory.

    haresreid scaling haresformer_sysu
    haresreid scaling haresformer_synth --heads 1 2 4 --layers 1 2 3 --dtypes fp32

The first H and L in fp32 are the reference, which is timed in the same rounds as the settings compared with it. Weights
and images are random: nothing is downloaded or read. The tables are printed and written as STEM.md and STEM.csv, with
a chart.
"""

import argparse
from pathlib import Path

from haresreid.choices import DTYPES
from haresreid.cli.arguments import CONFIG, at_least, config_path, user_path
from haresreid.cli.outputs import require_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('config', type=config_path, help=f'{CONFIG}; of HAResformer')
    parser.add_argument('--heads', type=at_least(1), nargs='+', default=[1, 2], metavar='H', help='default: 1 2')
    parser.add_argument('--layers', type=at_least(1), nargs='+', default=[1, 2], metavar='L', help='default: 1 2')
    parser.add_argument('--dtypes', nargs='+', default=list(DTYPES), choices=DTYPES, help='default: fp32 bf16')
    parser.add_argument(
        '--batch-sizes', type=at_least(1), nargs='+', default=[1, 32], metavar='B', help='default: 1 32'
    )
    parser.add_argument(
        '--rounds',
        type=at_least(1),
        default=20,
        metavar='N',
        help='for each batch size and dtype, at most, after one that warms up; default: 20',
    )
    parser.add_argument(
        '--minutes',
        type=float,
        default=5.0,
        metavar='M',
        help='for each batch size and dtype: no round begins later; default: 5',
    )
    parser.add_argument('--out', type=user_path, metavar='STEM', help='default: work_dirs/scaling/<config name>')
    parser.add_argument('--overwrite', action='store_true', help='replace files that are there')


def main(args: argparse.Namespace) -> None:
    from haresreid.costs.complexity import Cost
    from haresreid.costs.scaling import as_csv, as_markdown, measure_scaling
    from haresreid.files.files import written_whole
    from haresreid.reproduce.paper import paper_table
    from haresreid.visualization import ScalingPoint, draw_scaling, figure_files

    out = Path(args.out or Path('work_dirs/scaling', Path(args.config).stem))
    files = [out.with_name(f'{out.name}{suffix}') for suffix in ('.md', '.csv')]
    require_writable([*files, *figure_files(out)], args.overwrite)
    printed = {row.label: row.values for row in paper_table('table5').rows}
    published = {
        (heads, layers): Cost(round(row['cost/FLOPs (G)'] * 1e9), round(row['cost/parameters (M)'] * 1e6))
        for heads in args.heads
        for layers in args.layers
        if (row := printed.get(f'H = {heads}, L = {layers}'))
    }
    rows = measure_scaling(
        args.config,
        args.heads,
        args.layers,
        args.batch_sizes,
        args.dtypes,
        args.rounds,
        60 * args.minutes,
        published,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    for file, text in zip(files, (as_markdown(args.config, rows), as_csv(rows))):
        with written_whole(file) as part:
            part.write_text(text, encoding='utf-8')
    first = rows[0].costs.deployed.macs
    draw_scaling(
        [
            ScalingPoint(row.batch_size, row.dtype, row.heads, row.layers, row.costs.deployed.macs / first, row.ratios)
            for row in rows
        ],
        out,
    )
    print(files[0].read_text(encoding='utf-8'))
    print('Written:', ', '.join(map(str, (*files, *figure_files(out)))))
