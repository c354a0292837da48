"""Convert a checkpoint of a method's official code to one of haresreid, or back.

haresreid convert agw sysu_agw_best.t agw_sysu.pth
haresreid convert agw work_dirs/agw_sysu_paper/epoch_81.pth agw_sysu.t --to-official
"""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from haresreid.choices import CONVERTED_METHODS
from haresreid.cli.arguments import user_path
from haresreid.cli.outputs import require_writable
from haresreid.files.printable import printable

if TYPE_CHECKING:
    from haresreid.converters import Conversion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('method', choices=CONVERTED_METHODS)
    parser.add_argument(
        'source', type=user_path, help='an official file (.t), or with --to-official a checkpoint of haresreid (.pth)'
    )
    parser.add_argument('target', type=user_path, help='the file to write')
    parser.add_argument('--to-official', action='store_true', help='make a file for the official code')
    parser.add_argument('--overwrite', action='store_true', help='replace a target that is there')
    parser.add_argument('--verbose', action='store_true', help='list every parameter instead of groups of them')


def main(args: argparse.Namespace) -> None:
    target = Path(args.target)
    require_writable([target], args.overwrite)
    if not target.parent.is_dir():
        raise FileNotFoundError(f'there is no folder {target.parent} to write {target.name} into; make it first')
    import torch

    from haresreid.converters import METHODS, from_official, parts_of, read_weights, to_official
    from haresreid.files.files import file_hash, written_whole

    weights = read_weights(args.source)
    try:
        conversion = (to_official if args.to_official else from_official)(args.method, weights)
    except ValueError as error:
        raise ValueError(f'{args.source}: {error}') from error
    origin = dict(name=Path(args.source).name, sha256=file_hash(args.source), method=args.method)
    with written_whole(target) as part:
        # the official scripts print the epoch of what they load
        torch.save(
            dict(net=conversion.weights, epoch=0)
            if args.to_official
            else dict(state_dict=conversion.weights, meta=dict(converted_from=origin, parts=parts_of(args.method))),
            part,
        )
    report(conversion, args.verbose)
    print(f'{target}: {METHODS[args.method].title}, {conversion.num_classes} identities')
    if conversion.overrides and not args.to_official:
        print('Its config needs', ', '.join(f'{key}={value}' for key, value in conversion.overrides.items()))


def report(conversion: Conversion, verbose: bool) -> None:
    """Print what became of every parameter; similar parameters share a line unless ``verbose``."""
    tables = dict(used=(conversion.used, '-> '), dropped=(conversion.dropped, '  '), missing=(conversion.missing, '= '))
    for title, (table, sign) in tables.items():
        print(f'{title}: {len(table)} parameters')
        for _, lines in groupby(table.items(), key=lambda line: line[0] if verbose else _module(line[0])):
            (name, what), *others = lines
            print(printable(f'  {name}{f" and {len(others)} more of it" if others else ""} {sign}{what}'))


def _module(name: str) -> str:
    """The part of the network, e.g. base_resnet.base.layer2 or NL_2.0."""
    return '.'.join(name.split('.')[: 3 if '_module.' in name or name.startswith(('base_resnet.', 'backbone.')) else 2])
