"""haresreid search compact, copy and stats: what is done with a whole gallery."""

import argparse

from haresreid.files.printable import printable
from haresreid.search import copy_gallery, open_gallery
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.search.text import stats_text

__all__ = ['compact', 'copy', 'stats']


def compact(args: argparse.Namespace) -> None:
    """Free space, and print what is left."""
    index = open_gallery(args.dir)
    index.compact(args.kind)
    print(stats_text(index))


def copy(args: argparse.Namespace) -> None:
    """Copy all rows with their ids."""
    new = copy_gallery(args.dir, args.to, args.kind, TRACK_COLUMNS)
    print(f'Copied {len(new):,} images to {printable(args.to)}.')


def stats(args: argparse.Namespace) -> None:
    """Print what is in it."""
    print(stats_text(open_gallery(args.dir)))
