"""Adapt a trained model to your own cameras, without labels.

    haresreid adapt agw_sysu_paper agw_sysu.pth --visible day/ --infrared night/

The folders hold one person an image, of any people and sizes. The work directory gets the adapted checkpoints, which
are used with the same config as before, clusters.png, curves.png and the log.
"""

import argparse

from haresreid.cli.arguments import add_cfg_options, add_config, at_least, user_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, 'the name of the config that the model was trained with, or a file')
    parser.add_argument('checkpoint', type=user_path, help='the weights of the trained model')
    parser.add_argument('--visible', type=user_path, required=True, metavar='DIR', help='folder of visible images')
    parser.add_argument('--infrared', type=user_path, required=True, metavar='DIR', help='folder of infrared images')
    parser.add_argument('--epochs', type=at_least(1), default=5, help='default: %(default)s')
    parser.add_argument('--eps', type=float, default=0.6, help='largest distance of neighbours; default: %(default)s')
    parser.add_argument('--min-samples', type=at_least(1), default=4, help='least of a cluster; default: %(default)s')
    parser.add_argument(
        '--k1', type=at_least(1), default=30, help='at most the images of a person in a modality; default: %(default)s'
    )
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint of the work directory')
    parser.add_argument('--seed', type=at_least(0), help='seed of sampling and augmentation')
    parser.add_argument(
        '--work-dir', type=user_path, help='folder for everything the run leaves; default: work_dirs/<config>_adapted'
    )
    add_cfg_options(parser)
    parser.set_defaults(data_root=None, launcher='none', local_rank=0)


def main(args: argparse.Namespace) -> None:
    from haresreid.checking.check_data import check_data
    from haresreid.cli.launch import apply_common_arguments, load_asked_config, skip_initial_weights
    from haresreid.cli.starting_point import choose_starting_point
    from haresreid.engine import ReIDRunner, adapt_config
    from haresreid.files.extras import require_extra

    require_extra('sklearn', 'unsupervised')
    cfg = load_asked_config(args)
    density = dict(eps=args.eps, min_samples=args.min_samples, k1=args.k1)
    adapt_config(cfg, args.checkpoint, args.visible, args.infrared, args.epochs, density)
    apply_common_arguments(cfg, args)
    subsets = check_data(cfg, ['train_dataloader'])
    checkpoint = choose_starting_point(cfg, args)
    runner = ReIDRunner.from_cfg(cfg)
    runner.listed = subsets
    skip_initial_weights(runner)
    if checkpoint is not None:
        runner._resume, runner._load_from = True, checkpoint
    runner.train()
