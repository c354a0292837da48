"""haresreid search delete and expire: rows leave a gallery, and if asked the disk."""

import argparse
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from haresreid.search import Gallery, open_gallery
from haresreid.search.crops import crops_of
from haresreid.search.erase import erase

from .arguments import filters

__all__ = ['delete', 'expire']


def delete(args: argparse.Namespace) -> None:
    """Delete rows, or erase them."""
    index, conditions = open_gallery(args.dir), filters(args)
    if args.person is None and not args.erase:
        print(f'Deleted {index.delete(args.ids, **conditions):,} images; the index holds {len(index):,}.')
        return
    if args.person is not None:
        conditions['where'] = [*(args.where or ()), f'person = {args.person}']
    erase_rows(args, index, args.ids, **conditions)


def expire(args: argparse.Namespace) -> None:
    """Erase rows that are older than a time."""
    index = open_gallery(args.dir)
    erase_rows(args, index, until=time.time() - args.older_than)
    unknown = sum(int(np.isnan(block.columns['time']).sum()) for block in index.blocks())
    if unknown:
        print(f'{unknown:,} images have no time, so they never expire.')


def erase_rows(args: argparse.Namespace, index: Gallery, ids: Sequence[int] | None = None, **conditions) -> None:
    """Erase rows, and say what stays."""
    crops = Path(args.crops) if args.crops else crops_of(args.dir)
    rows, pictures, kept = erase(index, ids, crops, **conditions)
    print(f'Erased {rows:,} images and {pictures:,} pictures of them; the index holds {len(index):,}.')
    if kept:
        warnings.warn(
            f'{len(kept):,} files that no command has written in {crops or "--crops"} stay, the first is {kept[0]}: '
            'delete them by hand, or say with --crops where the pictures of videos are',
            stacklevel=2,
        )
