"""Turn a checkpoint of a training into weights for publication.

    haresreid publish work_dirs/haresformer_synth/epoch_12.pth haresformer_synth
    haresreid publish work_dirs/haresformer_synth/epoch_12.pth haresformer_synth --drop-classifier

writes haresformer_synth-<hash>.pth and .safetensors, which every tool takes in the place of the checkpoint: the
weights, and where they come from. <hash> are the first eight digits of the file's SHA-256, as torch.hub expects them.
"""

import argparse
from pathlib import Path

from haresreid.cli.arguments import config_path, user_path
from haresreid.files.extras import require_extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('checkpoint', type=user_path, help='the .pth file of a training')
    parser.add_argument('out', type=user_path, help='the files to write, without -<hash> and suffix')
    parser.add_argument(
        '--config', type=config_path, help="what it was trained with; default: the config in the checkpoint's folder"
    )
    parser.add_argument(
        '--metrics', type=user_path, metavar='FILE.json', help="the checkpoint's metrics.json, to go along with it"
    )
    parser.add_argument(
        '--drop-classifier',
        action='store_true',
        help='leave out the classifier, which only a training with the same people needs',
    )


def main(args: argparse.Namespace) -> None:
    require_extra('safetensors', 'deploy')
    if Path(args.out).suffix in ('.pth', '.safetensors'):
        raise ValueError(f'{args.out}: both a .pth and a .safetensors file are written; give the name without a suffix')
    if not Path(args.out).parent.is_dir():
        raise FileNotFoundError(f'there is no folder {Path(args.out).parent} to write into; make it first')
    from haresreid.apis import init_model
    from haresreid.config.config import load_config
    from haresreid.deploy.publish import describe, find_config, select_weights, verify, write
    from haresreid.files.checkpoint_file import peek_checkpoint

    checkpoint = peek_checkpoint(args.checkpoint)
    cfg = load_config(args.config) if args.config else find_config(Path(args.checkpoint))
    meta = describe(args.checkpoint, checkpoint, cfg, args.metrics)
    model = init_model(cfg, args.checkpoint)  # a config that does not fit is found before anything is written
    weights = select_weights(checkpoint, model.training_only() if args.drop_classifier else ())
    for suffix in ('.pth', '.safetensors'):
        verify(write(weights, meta, args.out, suffix), weights, meta, cfg)
    print(
        f'{len(weights)} tensors of {meta["config"]["name"]}, '
        f'{"without" if args.drop_classifier else "with"} classifier; both files were read back'
    )
