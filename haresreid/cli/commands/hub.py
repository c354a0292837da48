"""Bring weights with their config and result cards to a hub, or from one.

    haresreid hub push work_dirs/haresformer_synth/epoch_30.pth OWNER/NAME
    haresreid hub pull OWNER/NAME model
    haresreid hub push work_dirs/haresformer_synth/epoch_30.pth ./shared/haresformer_synth
    haresreid hub pull ./shared/haresformer_synth model

OWNER/NAME is a repository of the Hugging Face hub; a folder takes its place offline. Nothing that is pulled is
executed: weights are safetensors, the config is read as data, and a card whose seal is broken is refused.
"""

import argparse
import tempfile
from pathlib import Path

from haresreid.cli.arguments import config_path, user_path
from haresreid.files.extras import require_extra

REPOSITORY = 'OWNER/NAME, or a folder such as ./NAME'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    push = commands.add_parser('push', help='bring weights to a hub')
    push.add_argument('checkpoint', type=user_path, help='of a training, or published')
    push.add_argument('repository', type=user_path, help=REPOSITORY)
    push.add_argument(
        '--config', type=config_path, help="what it was trained with; default: the config in the checkpoint's folder"
    )
    push.add_argument(
        '--cards',
        nargs='+',
        type=user_path,
        metavar='FILE.json',
        help="its metrics.json, one or several; default: the one in the checkpoint's folder, if it is there",
    )
    push.add_argument('--drop-classifier', action='store_true', help='leave out the classifier')
    push.add_argument('--license', metavar='NAME', help='of the weights, as the hub calls it, such as apache-2.0')
    push.add_argument('--private', action='store_true', help='make a new repository private')
    pull = commands.add_parser('pull', help='bring weights from a hub')
    pull.add_argument('repository', type=user_path, help=REPOSITORY)
    pull.add_argument('out', type=user_path, metavar='DIR', help='a new folder')
    pull.add_argument('--revision', help='branch, tag or commit of the repository; default: its main branch')


def main(args: argparse.Namespace) -> None:
    require_extra('safetensors', 'deploy')
    if args.command == 'push':
        push(args)
    else:
        pull(args)


def push(args: argparse.Namespace) -> None:
    """Put weights, config and cards together, check them as a reader will, and send them."""
    from haresreid.apis import init_model
    from haresreid.config.config import load_config
    from haresreid.deploy.hub import check_bundle, make_bundle, send
    from haresreid.deploy.publish import describe, find_config, select_weights
    from haresreid.files.checkpoint_file import peek_checkpoint

    checkpoint = peek_checkpoint(args.checkpoint)
    cfg = load_config(args.config) if args.config else find_config(Path(args.checkpoint))
    beside = Path(args.checkpoint).with_name('metrics.json')
    cards = args.cards if args.cards is not None else [beside] * beside.is_file()
    model = init_model(cfg, args.checkpoint)
    weights = select_weights(checkpoint, model.training_only() if args.drop_classifier else ())
    with tempfile.TemporaryDirectory() as folder:
        make_bundle(Path(folder), weights, describe(args.checkpoint, checkpoint, cfg), cfg, cards, args.license)
        check_bundle(Path(folder))
        send(Path(folder), args.repository, args.private)
    print(f'{args.repository}: {len(weights)} tensors, {len(cards)} cards')


def pull(args: argparse.Namespace) -> None:
    """Fetch a repository into a folder, and show its figures."""
    from haresreid.deploy.hub import fetch, figures_table

    _, cards = fetch(args.repository, args.revision, Path(args.out))
    print(figures_table(cards) or 'No figures came along.')
    print(f'\nharesreid test {args.out}/config.py {args.out}/model.safetensors')
