"""Measure what parts of a trained model are worth: any modules of any method.

    haresreid parts nfs_synth work_dirs/nfs_synth/epoch_5.pth head.pooling
    haresreid parts agw_synth work_dirs/agw_synth/epoch_5.pth backbone.layer2.non_local_0 backbone.layer3.non_local_0 \
        --added

Each part's output is held at its mean over the test images, alone and together with the others, and retrieval is
measured again: what it loses, it owed to that part. The spread of the output between images and the part's share of a
training batch's gradient stand beside it. The same is written as JSON. A part that hands its input on, such as a
residual block, holds everything before it; --added holds what it adds.
"""

import argparse

from haresreid.cli.arguments import CONFIG, add_config, user_path
from haresreid.cli.outputs import require_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, f'{CONFIG}; that which the checkpoint was trained with')
    parser.add_argument('checkpoint', type=user_path, help='a .pth or .safetensors file')
    parser.add_argument(
        'parts', nargs='+', metavar='PART', help='modules of the model, by name; a wrong name lists those nearby'
    )
    parser.add_argument(
        '--added', action='store_true', help='hold what the parts add to their inputs, instead of what they return'
    )
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of the config's")
    parser.add_argument(
        '--out', type=user_path, default='work_dirs/figures/parts.json', help='the JSON file. Default: %(default)s'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a file that is there')


def main(args: argparse.Namespace) -> None:
    from pathlib import Path

    from haresreid.analysis import part_report
    from haresreid.apis import load_trained
    from haresreid.cli.launch import load_asked_config
    from haresreid.files.files import make_folder, write_json

    out = Path(args.out)
    require_writable([out], args.overwrite)
    model, cfg = load_trained(load_asked_config(args), args.checkpoint, args.data_root)
    report = part_report(model, cfg, args.checkpoint, list(dict.fromkeys(args.parts)), args.added)
    print(report)
    make_folder(out.parent)
    write_json(out, report.to_dict())
    print('\nWritten:', out)
