from pathlib import Path

import pytest
from mmengine.registry import init_default_scope
from torch import nn

from haresreid.config.config import load_config
from haresreid.costs.complexity import Cost
from haresreid.costs.stage_costs import UNCOUNTED, stage_costs
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def model():
    init_default_scope('haresreid')
    return MODELS.build(load_config(str(ROOT / 'configs/haresformer_sysu.py')).model)


def test_stages_add_up_to_the_figures_of_the_paper(model):
    costs = stage_costs(model, (288, 144))
    assert list(costs) == ['S1', 'S2', 'S3', 'S4', 'head']
    counted = sum((stage[part] for stage in list(costs.values())[:4] for part in ('RE', 'TE', 'CFFM')), Cost())
    assert counted.macs / 1e9 == pytest.approx(24.9980, abs=1e-4)  # 25.00 in Table V
    assert counted.params / 1e6 == pytest.approx(113.7514, abs=1e-4)  # 113.75
    everything = sum((cost for stage in costs.values() for cost in stage.values()), Cost())
    assert everything.params == sum(parameter.numel() for parameter in model.parameters())

    # Two products of all tokens with all, as wide as the stage: N^2 D each. Tokens: the grid and the class token.
    for stage, (tokens, width) in enumerate(zip((2593, 649, 163, 163), (256, 512, 1024, 2048)), start=1):
        assert costs[f'S{stage}'][UNCOUNTED].macs == 2 * tokens**2 * width
        assert costs[f'S{stage}'][UNCOUNTED].params == (tokens + 1) * width  # the class token, its position, the grid's
    assert costs['head'][UNCOUNTED].macs == 3840 * 2048 + 395 * 2048


def test_fusion_without_parameters():
    init_default_scope('haresreid')
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    cfg.model.backbone.fusion = dict(type='ConcatFusion')
    costs = stage_costs(MODELS.build(cfg.model), (96, 48))
    assert [costs[f'S{stage}']['CFFM'] for stage in range(1, 5)] == [Cost()] * 4


def test_modality_specific_parts_cost_an_image_no_more():
    init_default_scope('haresreid')
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    one_stream = stage_costs(MODELS.build(cfg.model), (96, 48))
    cfg.model.backbone.encoder.update(type='TwoStreamResNet', num_specific=3)
    assert stage_costs(MODELS.build(cfg.model), (96, 48)) == one_stream


def test_another_model(model):
    model.backbone = nn.Conv2d(3, 8, 3)
    with pytest.raises(ValueError, match='The cost per stage is of HAResformer, and this model has a Conv2d'):
        stage_costs(model, (288, 144))
