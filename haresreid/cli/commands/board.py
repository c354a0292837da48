"""Write one page on all results below a folder: sortable tables and curves, mixing no protocols and no test data.

haresreid board work_dirs
haresreid board results --out board.html --overwrite
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import user_path
from haresreid.cli.outputs import require_writable
from haresreid.files.printable import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'folder', type=user_path, metavar='DIR', help='holds the metrics.json of evaluations, at any depth'
    )
    parser.add_argument('--out', type=user_path, metavar='FILE.html', help='default: DIR/board.html')
    parser.add_argument('--overwrite', action='store_true', help='replace a page that is there')


def main(args: argparse.Namespace) -> None:
    from haresreid.files.files import written_whole
    from haresreid.report.board import board_page, read_cards

    folder = Path(args.folder)
    out = Path(args.out or folder / 'board.html')
    require_writable([out], args.overwrite)
    cards, refused = read_cards(folder)
    for name, reason in refused.items():
        print(f'left out: {printable(name)}, for {reason}')
    with written_whole(out) as part:
        part.write_text(board_page(cards, refused), encoding='utf-8')
    print(f'Board: {out}, {len(cards)} results')
