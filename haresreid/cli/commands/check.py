"""Check a data set before training on it: report what is wrong and what to do, without changing anything.

haresreid check sysu data/SYSU-MM01
haresreid check data/synvi --quick --json check.json
haresreid check market1501 data/Market-1501
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from haresreid.choices import DATASET_LAYOUTS, VISIBLE_SETS
from haresreid.cli.arguments import user_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'layout',
        nargs='?',
        choices=(*DATASET_LAYOUTS, *VISIBLE_SETS),
        help='default: sysu, regdb, llcm, vcm or bupt, by the folders',
    )
    parser.add_argument('data_root', type=user_path, help='folder of the data set')
    parser.add_argument(
        '--json', type=user_path, metavar='FILE', help='also write everything found, outside the data root'
    )
    parser.add_argument('--quick', action='store_true', help='look at names, sizes and lists; open no image')


def parse_args(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Accept 'sysu --quick ROOT' as well, although the layout is optional."""
    return parser.parse_intermixed_args(arguments)


def require_new_file(path: Path, data_root: str) -> None:
    """Refuse a report that would touch the data, overwrite a file or fail after the work."""
    if Path(data_root).resolve() in path.resolve().parents:
        raise ValueError(f'--json {path} lies in the data root, which stays as it is; write it elsewhere.')
    if path.exists():
        raise ValueError(f'--json {path} exists already; delete it or give another name.')
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f'--json {path}: the folder {path.absolute().parent} does not exist; make it first.')


def main(args: argparse.Namespace) -> None:
    if args.json:
        require_new_file(Path(args.json), args.data_root)
    from haresreid.checking import check_dataset, check_visible_set

    check = check_visible_set if args.layout in VISIBLE_SETS else check_dataset
    report = check(args.data_root, args.layout, args.quick)
    print(report.to_text())
    if args.json:
        require_new_file(Path(args.json), report.root)  # the folder above or below the given one, if that was meant
        Path(args.json).write_text(json.dumps(report.to_dict(), indent=2) + '\n', encoding='utf-8')
    sys.exit(1 if report.errors else 0)
