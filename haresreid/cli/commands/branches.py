"""Measure whether both branches of a trained HAResformer distinguish images, and draw the result.

    haresreid branches haresformer_synth work_dirs/haresformer_synth/epoch_30.pth

For each stage this prints the spread between images of class token, patch map and fused map, the residual stream and
what all its patches have in common, attention, and gradients. It also prints retrieval results with outputs of the
transformers held at their means. The same is written as JSON and as a picture.
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import CONFIG, add_config, user_path
from haresreid.cli.outputs import require_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, f'{CONFIG}; that which the checkpoint was trained with')
    parser.add_argument('checkpoint', type=user_path, help='a .pth or .safetensors file')
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the config's")
    parser.add_argument(
        '--out',
        type=user_path,
        metavar='STEM',
        default='work_dirs/figures/branches',
        help='writes STEM.json, STEM.png and STEM.svg. Default: %(default)s',
    )
    parser.add_argument('--overwrite', action='store_true', help='replace files that are there')


def main(args: argparse.Namespace) -> None:
    from haresreid.analysis import branch_report
    from haresreid.apis import load_trained
    from haresreid.cli.launch import load_asked_config
    from haresreid.files.files import make_folder, write_json
    from haresreid.visualization import draw_branches, figure_files

    figures, numbers = figure_files(args.out), Path(args.out).with_suffix('.json')
    require_writable([numbers, *figures], args.overwrite)
    report = branch_report(*load_trained(load_asked_config(args), args.checkpoint, args.data_root), args.checkpoint)
    print(report)
    make_folder(numbers.parent)
    write_json(numbers, report.to_dict())
    draw_branches(report, args.out)
    print('\nWritten:', ', '.join(map(str, (numbers, *figures))))
