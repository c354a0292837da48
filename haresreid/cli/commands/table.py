"""Print several results as one table; results of different protocols or test data are refused.

haresreid table a/metrics.json b/metrics.json --names A B --format latex > table.tex
"""

import argparse
import sys

from haresreid.choices import METRIC_NAMES, TABLE_FORMATS, TABLE_METRICS
from haresreid.cli.arguments import user_path
from haresreid.files.printable import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'results', nargs='+', type=user_path, metavar='metrics.json', help='what haresreid test and others leave'
    )
    parser.add_argument('--format', choices=TABLE_FORMATS, default='markdown')
    parser.add_argument('--names', nargs='+', metavar='NAME', help='what each result is called; default: its path')
    parser.add_argument('--protocols', nargs='+', metavar='NAME', help='groups of columns; default: all in the files')
    parser.add_argument(
        '--metrics', nargs='+', choices=METRIC_NAMES, default=TABLE_METRICS, help='columns of each group'
    )
    parser.add_argument(
        '--rows',
        nargs='+',
        metavar='ROW',
        help="such as ours hog chance 'ours + k-reciprocal'; default: ours and what is ours, re-ranked",
    )
    parser.add_argument(
        '--against',
        metavar='NAME',
        help='mark what does not differ from this line by more than chance; needs the metrics.npz beside each result',
    )


def main(args: argparse.Namespace) -> None:
    from haresreid.evaluation.table_formats import FORMATS
    from haresreid.evaluation.tables import make_table

    table = make_table(args.results, args.names, args.protocols, args.metrics, args.rows, args.against)
    print(FORMATS[args.format](table))
    if table.warning:
        print(f'warning: {printable(table.warning)}', file=sys.stderr)
