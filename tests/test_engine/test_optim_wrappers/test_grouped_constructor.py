from pathlib import Path

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torch import nn

from haresreid.config.config import load_config
from haresreid.engine import GroupedOptimWrapperConstructor
from haresreid.registry import MODELS

ADAMW = dict(type=torch.optim.AdamW, lr=0.01, weight_decay=0.1, fused=True)
SGD = dict(type=torch.optim.SGD, lr=0.01, momentum=0.9, weight_decay=0.1, fused=True)


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.LayerNorm(8), nn.Linear(8, 2)
    )


def make_wrapper(model: nn.Module, optimizer: dict, paramwise_cfg: dict | None, **cfg):
    return build_optim_wrapper(model, dict(optimizer=dict(optimizer), paramwise_cfg=paramwise_cfg, **cfg))


@pytest.mark.parametrize(
    'paramwise_cfg, num_groups, num_plain',
    [
        (dict(norm_decay_mult=0, bias_decay_mult=0), 2, 10),
        (dict(custom_keys={'5.': dict(lr_mult=10)}), 2, 10),
        (dict(norm_decay_mult=0, custom_keys={'5.': dict(lr_mult=10), '3.bias': dict(lr_mult=2, decay_mult=0)}), 4, 10),
        (None, 1, 1),
    ],
)
@pytest.mark.parametrize('optimizer', [ADAMW, SGD])
def test_updates_are_those_of_a_group_for_every_parameter(paramwise_cfg, num_groups, num_plain, optimizer):
    grouped, plain = make_model(), make_model()
    wrappers = [
        make_wrapper(grouped, optimizer, paramwise_cfg, constructor=GroupedOptimWrapperConstructor),
        make_wrapper(plain, optimizer, paramwise_cfg),
    ]
    assert [len(wrapper.optimizer.param_groups) for wrapper in wrappers] == [num_groups, num_plain]
    for _ in range(3):
        x = torch.randn(6, 5)
        for model, wrapper in zip((grouped, plain), wrappers):
            wrapper.update_params(model(x).square().mean())
    assert all(torch.equal(one, other) for one, other in zip(grouped.parameters(), plain.parameters()))


def test_every_parameter_is_in_one_group():
    model = make_model()
    wrapper = make_wrapper(model, ADAMW, dict(norm_decay_mult=0), constructor=GroupedOptimWrapperConstructor)
    there = [id(each) for group in wrapper.optimizer.param_groups for each in group['params']]
    assert sorted(there) == sorted(map(id, model.parameters()))


def test_transformers_get_a_rate_of_their_own_and_gradients_are_clipped_by_config():
    cfg = load_config(
        str(Path(__file__).parents[3] / 'configs/haresformer_synth.py'),
        {
            'optim_wrapper.clip_grad.max_norm': 2,
            'optim_wrapper.paramwise_cfg.custom_keys': {
                'transformers': dict(lr_mult=0.25, decay_mult=20),
                'hgae': dict(lr_mult=0.25),
                'transformers.0': dict(lr_mult=10, decay_mult=0),
            },  # of several keys the longest wins
        },
    )
    model = MODELS.build(cfg.model)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    options = {
        names[id(parameter)]: (group['lr'], group['weight_decay'])
        for group in wrapper.optimizer.param_groups
        for parameter in group['params']
    }
    assert options['backbone.transformers.3.layers.0.attention.qkv.weight'] == pytest.approx((1e-3, 0.1))
    assert options['backbone.transformers.0.layers.0.attention.qkv.weight'] == pytest.approx((4e-2, 0))
    assert options['head.hgae.0.weight'] == pytest.approx((1e-3, 5e-3))
    assert options['backbone.encoder.layer1.0.conv1.weight'] == pytest.approx((4e-3, 5e-3))

    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 0.1)
    wrapper._clip_grad()
    assert torch.stack([parameter.grad.norm() for parameter in parameters]).norm() == pytest.approx(2, rel=1e-4)
