"""Print what a model costs on one image, by the paper's counting rule and as deployed.

    python tools/analysis/get_flops.py configs/haresformer_sysu.py
    python tools/analysis/get_flops.py configs/haresformer_sysu.py --cfg-options model.backbone.num_layers=2
"""

import argparse

import torch
from mmengine.config import DictAction

from haresreid.registry import MODELS
from haresreid.utils.complexity import Cost, count_flops, layer_costs, sum_by_part
from haresreid.utils.config import load_config
from haresreid.utils.launch import clear_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config with a model')
    parser.add_argument('--size', type=int, nargs=2, metavar=('H', 'W'), help="default: the backbone's img_size")
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='override config keys')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    height, width = args.size or cfg.model.backbone.get('img_size', (288, 144))
    model = MODELS.build(cfg.model).to('meta').eval()  # shapes only: nothing is computed
    image = torch.empty(1, 3, height, width, device='meta')

    print(f'{args.config}: one image of {height}x{width} (height x width)\n')
    parts = sum_by_part(layer_costs(model.backbone, image))
    print("Paper's counting rule (thop 0.1.1: convolutions, linear layers and norms of the backbone;\n"
          'no attention products, no class tokens or positions, no head)')
    for name, cost in parts.items():
        print(_row(name, cost))
    print(_row('total', sum(parts.values(), Cost())))

    flops = count_flops(lambda x: model.head.retrieval_feature(model.extract_feat(x)), image)
    params = sum(parameter.numel() for parameter in model.parameters())
    print('\nDeployed model (backbone and head at test time; every convolution and matrix product, those of\n'
          'attention included; all parameters)')
    print(_row('total', Cost(flops // 2, params)))
    print(f'  {"":<18}{flops / 1e9:9.2f} GFLOPs (a multiply-accumulate is two operations)')


def _row(name: str, cost: Cost) -> str:
    return f'  {name:<18}{cost.macs / 1e9:9.2f} GMACs {cost.params / 1e6:10.2f} M parameters'


if __name__ == '__main__':
    with clear_errors():
        main()
