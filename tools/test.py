"""Evaluate a checkpoint under the config's protocols.

    python tools/test.py configs/haresformer_sysu.py work_dirs/haresformer_sysu/epoch_80.pth --flip
"""

import argparse
from pathlib import Path

from mmengine.runner import Runner

from haresreid.utils.config import load_config
from haresreid.utils.launch import add_common_arguments, apply_common_arguments, clear_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='the config that the checkpoint was trained with')
    parser.add_argument('checkpoint', help='a .pth file')
    parser.add_argument('--feature', choices=['pre_bn', 'post_bn'], help='feature before or after the BNNeck')
    parser.add_argument('--flip', action='store_true', help='average the features of an image and its mirror image')
    parser.add_argument('--dump', metavar='FILE.npz', help='also write features, identities, cameras and paths')
    add_common_arguments(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    apply_common_arguments(cfg, args)
    cfg.work_dir = args.work_dir or str(Path('work_dirs') / Path(args.config).stem / 'test')
    cfg.load_from = args.checkpoint
    # the checkpoint brings every weight, so none is fetched for the start
    cfg.model.backbone.encoder.pretrained = None
    cfg.model.flip_test = args.flip
    if args.feature:
        cfg.model.head.test_feature = args.feature
    runner = Runner.from_cfg(cfg)
    runner.test()
    if args.dump and runner.rank == 0:
        metric, = runner.test_evaluator.metrics
        metric.feature_set.save(args.dump)
        runner.logger.info(f'features written to {args.dump}')


if __name__ == '__main__':
    with clear_errors():
        main()
