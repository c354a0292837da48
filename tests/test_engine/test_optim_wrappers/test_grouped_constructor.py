import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torch import nn

from haresreid.engine import GroupedOptimWrapperConstructor

ADAMW = dict(type=torch.optim.AdamW, lr=0.01, weight_decay=0.1, fused=True)
SGD = dict(type=torch.optim.SGD, lr=0.01, momentum=0.9, weight_decay=0.1, fused=True)


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.LayerNorm(8), nn.Linear(8, 2))


def make_wrapper(model: nn.Module, optimizer: dict, paramwise_cfg: dict | None, **cfg):
    return build_optim_wrapper(model, dict(optimizer=dict(optimizer), paramwise_cfg=paramwise_cfg, **cfg))


@pytest.mark.parametrize('paramwise_cfg, num_groups, num_plain', [
    (dict(norm_decay_mult=0, bias_decay_mult=0), 2, 10),
    (dict(custom_keys={'5.': dict(lr_mult=10)}), 2, 10),
    (dict(norm_decay_mult=0, custom_keys={'5.': dict(lr_mult=10), '3.bias': dict(lr_mult=2, decay_mult=0)}), 4, 10),
    (None, 1, 1),
])
@pytest.mark.parametrize('optimizer', [ADAMW, SGD])
def test_updates_are_those_of_a_group_for_every_parameter(paramwise_cfg, num_groups, num_plain, optimizer):
    grouped, plain = make_model(), make_model()
    wrappers = [make_wrapper(grouped, optimizer, paramwise_cfg, constructor=GroupedOptimWrapperConstructor),
                make_wrapper(plain, optimizer, paramwise_cfg)]
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
