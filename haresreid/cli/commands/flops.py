"""Print what a model costs on one image, by the paper's counting rule and as deployed.

haresreid flops haresformer_sysu
haresreid flops haresformer_sysu --variant h1_l2
haresreid flops agw_sysu_paper
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from haresreid.cli.arguments import add_cfg_options, add_config, at_least

if TYPE_CHECKING:
    from haresreid.costs.complexity import Cost


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument('--size', type=at_least(1), nargs=2, metavar=('H', 'W'), help='default: that of its images')
    add_cfg_options(parser)


def main(args: argparse.Namespace) -> None:
    from haresreid.cli.launch import load_asked_config
    from haresreid.config.config import image_size
    from haresreid.costs.complexity import Cost
    from haresreid.costs.model_cost import model_cost

    cfg = load_asked_config(args)
    height, width = args.size or image_size(cfg)
    cost = model_cost(cfg, (height, width))
    unit = 'G' if cost.by_rule.macs >= 1e9 else 'M'

    # an infrared image passes parts of its own, where there are any, which cost as much
    print(f'{cfg.filename}: one visible image of {height}x{width} (height x width)\n')
    print(
        "Paper's counting rule (thop 0.1.1: convolutions, linear layers and norms of the backbone;\n"
        'no attention products, no class tokens or positions, no neck, no head; the parameters that it passes)'
    )
    for name, part in cost.parts.items():
        if part != Cost():
            print(_row(name, part, unit))
    print(_row('total', cost.by_rule, unit))
    print(
        '\nDeployed model (the whole of it at test time; every convolution and matrix product, those of\n'
        'attention included; all parameters, those of both modalities)'
    )
    print(_row('total', cost.deployed, unit))
    print(f'  {"":<18}{_in(unit, cost.flops)}FLOPs (a multiply-accumulate is two operations)')


def _row(name: str, cost: Cost, unit: str) -> str:
    return f'  {name:<18}{_in(unit, cost.macs)}MACs {cost.params / 1e6:10.2f} M parameters'


def _in(unit: str, count: int) -> str:
    return f'{count / dict(M=1e6, G=1e9)[unit]:9.2f} {unit}'
