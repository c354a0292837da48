"""Write a page on where a model fails: by camera pair, image size, brightness, and the worst queries.

    haresreid failures features.npz
    haresreid failures haresformer_sysu epoch_80.pth --protocol sysu/indoor

On SynVI also by occlusion, direction, height and clothes of the person.
"""

import argparse
from pathlib import Path

from haresreid.choices import PROTOCOL_NAMES
from haresreid.cli.arguments import at_least, config_path, user_path
from haresreid.cli.outputs import require_writable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        'source', nargs='+', type=config_path, metavar='SOURCE', help='FEATURES.npz or CONFIG.py CHECKPOINT.pth'
    )
    parser.add_argument('--data-root', type=user_path, help="folder of the data set, instead of a config's")
    parser.add_argument(
        '--protocol',
        metavar='NAME',
        help=f'default: the first one of the data set; there are {", ".join(PROTOCOL_NAMES)}',
    )
    parser.add_argument('--rand-perm-cam', type=user_path, metavar='FILE', help='the official rand_perm_cam.mat')
    parser.add_argument('--num-queries', type=at_least(1), default=10, help='worst queries to show; default: 10')
    parser.add_argument(
        '--out', type=user_path, metavar='FILE.html', default='failures.html', help='default: %(default)s'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a page that is there')


def main(args: argparse.Namespace) -> None:
    from mmengine.registry import init_default_scope

    from haresreid.files.files import written_whole
    from haresreid.report.failures import failure_page
    from haresreid.visualization.sources import feature_set, protocol_of, read_sources

    out = Path(args.out)
    require_writable([out], args.overwrite)
    init_default_scope('haresreid')
    [source, *others] = read_sources(args.source).values()
    if others:
        raise ValueError(f'A page is on one model, and {1 + len(others)} are given.')
    images = feature_set(source, args.data_root)
    missing = [path for path in images.img_paths if not Path(path).is_file()]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of {len(images)} images are not on disk (the first is {missing[0]!r}): '
            'run this in the folder from which the features were computed.'
        )
    page = failure_page(images, protocol_of(images, args.protocol, args.rand_perm_cam), args.num_queries)
    with written_whole(out) as part:
        part.write_text(page, encoding='utf-8')
    print(f'Failures: {out}, {out.stat().st_size / 1e6:.1f} MB')
