"""Draw a SynVI set and a contact sheet of it.

Examples:
    The set of the first run, 400 training and 60 test identities at 96 x 48:
        haresreid synvi data/synvi --num-ids 400 0 60 --size 96 48
    A harder one with thermal images, ten of each person and camera:
        haresreid synvi data/synvi_regdb --layout regdb --level standard --num-ids 50 0 50 -n 10
    Walks of twelve frames past three cameras by day and by night:
        haresreid synvi data/synvi_vcm --layout vcm --num-ids 150 0 50 -n 1 --frames 12 --size 96 48
    Only a picture of what a set would look like:
        haresreid synvi data/synvi --sheet sheet.png --sheet-only
"""

import argparse
from dataclasses import fields, replace
from pathlib import Path

from haresreid.choices import DATASET_LAYOUTS, IMAGE_LAYOUTS, SYNVI_LEVELS
from haresreid.cli.arguments import at_least, user_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('root', type=user_path, help='folder of the set; new, empty, or the same set interrupted')
    parser.add_argument('--layout', choices=DATASET_LAYOUTS, default=argparse.SUPPRESS)
    parser.add_argument('--level', choices=SYNVI_LEVELS, default=argparse.SUPPRESS)
    parser.add_argument('--num-ids', type=int, nargs=3, default=argparse.SUPPRESS, metavar=('TRAIN', 'VAL', 'TEST'))
    parser.add_argument(
        '-n', '--images-per-camera', type=int, default=argparse.SUPPRESS, help='images, or in vcm and bupt walks'
    )
    parser.add_argument('--frames', type=int, default=argparse.SUPPRESS, help='frames of a walk in vcm and bupt')
    parser.add_argument('--size', type=int, nargs=2, default=argparse.SUPPRESS, metavar=('HEIGHT', 'WIDTH'))
    parser.add_argument('--seed', type=int, default=argparse.SUPPRESS)
    parser.add_argument('--workers', type=at_least(1), help='processes; default: one per core, at most 8')
    parser.add_argument('--sheet', type=user_path, help='PNG file of the contact sheet; default: ROOT_sheet.png')
    parser.add_argument('--overwrite', action='store_true', help='replace the file that --sheet names')
    parser.add_argument('--sheet-only', action='store_true', help='draw the contact sheet and no set')
    parser.add_argument(
        '--all-layouts', action='store_true', help='show all three layouts of images on the contact sheet'
    )


def main(args: argparse.Namespace) -> None:
    root = Path(args.root)
    sheet = Path(args.sheet or root.with_name(f'{root.name}_sheet.png'))
    if sheet.suffix != '.png':
        raise ValueError(f'--sheet {sheet}: the contact sheet is written to a .png file')
    if args.sheet and sheet.exists() and not args.overwrite:
        raise ValueError(f'--sheet {sheet} is there already: add --overwrite to replace it, or give another name')
    import cv2

    from haresreid.synvi import SynVISpec, draw_contact_sheet, write_synvi

    spec = SynVISpec(**{field.name: getattr(args, field.name) for field in fields(SynVISpec) if field.name in args})
    specs = [replace(spec, layout=layout) for layout in IMAGE_LAYOUTS] if args.all_layouts else [spec]
    if not args.sheet_only:
        write_synvi(root, spec, args.workers)
    sheet.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(sheet), draw_contact_sheet(specs, columns=12 // len(specs))[..., ::-1])
