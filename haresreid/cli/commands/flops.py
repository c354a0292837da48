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
    import torch
    from mmpretrain.models import ResNet

    from haresreid.cli.launch import load_asked_config
    from haresreid.config.config import image_size
    from haresreid.costs.complexity import Cost, count_flops, layer_costs, sum_by_part
    from haresreid.registry import MODELS
    from haresreid.structures import Modality, ReIDBatch

    cfg = load_asked_config(args)
    height, width = args.size or image_size(cfg)
    model = MODELS.build(cfg.model).to('meta').eval()  # shapes only: nothing is computed
    image = torch.empty(1, 3, height, width, device='meta')
    model.flip_test = False  # of one image, without its mirror image
    visible = ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))

    # an infrared image passes parts of its own, where there are any, which cost as much
    print(f'{cfg.filename}: one visible image of {height}x{width} (height x width)\n')
    costs = layer_costs(model.backbone, image, visible)
    parts = sum_by_part(costs, depth=1 if isinstance(model.backbone, ResNet) else 2)
    total = sum(parts.values(), Cost())
    unit = 'G' if total.macs >= 1e9 else 'M'
    print(
        "Paper's counting rule (thop 0.1.1: convolutions, linear layers and norms of the backbone;\n"
        'no attention products, no class tokens or positions, no neck, no head; the parameters that it passes)'
    )
    for name, cost in parts.items():
        if cost != Cost():
            print(_row(name, cost, unit))
    print(_row('total', total, unit))

    flops = count_flops(model.embed, image, visible)
    params = sum(parameter.numel() for parameter in model.parameters())
    print(
        '\nDeployed model (the whole of it at test time; every convolution and matrix product, those of\n'
        'attention included; all parameters, those of both modalities)'
    )
    print(_row('total', Cost(flops // 2, params), unit))
    print(f'  {"":<18}{_in(unit, flops)}FLOPs (a multiply-accumulate is two operations)')


def _row(name: str, cost: Cost, unit: str) -> str:
    return f'  {name:<18}{_in(unit, cost.macs)}MACs {cost.params / 1e6:10.2f} M parameters'


def _in(unit: str, count: int) -> str:
    return f'{count / dict(M=1e6, G=1e9)[unit]:9.2f} {unit}'
