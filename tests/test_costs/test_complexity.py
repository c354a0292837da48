from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from torch import nn

from haresreid.costs.complexity import Cost, count_flops, layer_costs, sum_by_part
from haresreid.models import TransformerEncoderStage
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

BASE_MODEL = Path(__file__).parents[2] / 'configs/_base_/models/haresformer.py'


NO_NORM = dict(fusion=dict(norm_cfg=None))
TWO_LAYERS, TWO_HEADS = dict(stage=dict(num_layers=2)), dict(stage=dict(num_heads=2))
FINAL_NORM, FINAL_NORM_TWO_LAYERS = dict(stage=dict(final_norm=True)), dict(stage=dict(final_norm=True, num_layers=2))


@pytest.mark.parametrize(
    'changes, gmacs, params',
    [
        # Table V: 25.00 and 113.75; with two layers 39.34 and 180.64
        (dict(), 24.9980, 113.7514),
        (TWO_LAYERS, 39.3459, 180.6365),
        (TWO_HEADS, 24.9980, 113.7514),
        # other readings of norms, of which only the first is as near
        (dict(**NO_NORM, **FINAL_NORM), 24.9934, 113.7534),
        (dict(**NO_NORM, **FINAL_NORM_TWO_LAYERS), 39.3412, 180.6385),
        (NO_NORM, 24.9874, 113.7457),
        (dict(**NO_NORM, **TWO_LAYERS), 39.3352, 180.6308),
        (FINAL_NORM, 25.0040, 113.7590),
        (FINAL_NORM_TWO_LAYERS, 39.3518, 180.6442),
        # the text to the letter
        (dict(fused_width=1), 22.9550, 106.2767),
    ],
)
def test_cost_of_haresformer_by_the_papers_rule(changes, gmacs, params, monkeypatch):
    monkeypatch.setattr(nn.init, 'trunc_normal_', lambda tensor, **_: tensor)  # only shapes matter, and it is slow
    cfg = Config.fromfile(BASE_MODEL).model.backbone
    cfg.update(changes)
    backbone = MODELS.build(cfg).to('meta').eval()
    visible = ReIDBatch.unlabelled(torch.tensor([0]))
    costs = layer_costs(backbone, torch.empty(1, 3, 288, 144, device='meta'), visible)
    total = sum(costs.values(), Cost())
    assert total.macs / 1e9 == pytest.approx(gmacs, abs=1e-4)
    assert total.params / 1e6 == pytest.approx(params, abs=1e-4)
    assert sum(sum_by_part(costs).values(), Cost()) == total


def test_rule_by_hand():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, groups=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(32, 5))
    model.unused = nn.Identity()
    costs = layer_costs(model[:5], torch.zeros(2, 3, 4, 4))
    assert costs['0'] == Cost(2 * 8 * 4 * 27, 8 * 27 + 8)
    assert costs['1'] == Cost(4 * 2 * 8 * 4, 16)
    assert costs['2'] == Cost(0, 0)
    assert costs['4'] == Cost(2 * 5 * 32, 32 * 5 + 5)


def test_layer_run_twice_counts_its_parameters_once():

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)
            self.unused = nn.Linear(4, 4)

        def forward(self, x):
            return self.layer(self.layer(x))

    assert layer_costs(Twice(), torch.zeros(1, 4)) == {'layer': Cost(32, 20)}


@pytest.mark.parametrize('num_heads', [1, 2])
def test_attention_products_are_in_the_flops(num_heads):
    stage = TransformerEncoderStage(3, 16, patch_size=4, grid_size=(6, 3), num_heads=num_heads)
    tokens, dims = 19, 16
    macs = 18 * 48 * dims + 12 * tokens * dims**2 + 2 * tokens**2 * dims
    assert count_flops(stage, torch.zeros(1, 3, 24, 12)) == 2 * macs
