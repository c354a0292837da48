import pytest

from haresreid.config.config import load_config
from haresreid.costs.complexity import Cost
from haresreid.costs.model_cost import build_on_meta, model_cost
from haresreid.files.paths import CONFIG_ROOT as ROOT


def test_what_one_image_passes():
    """Neither the other modality's stem nor the classifier, but BNNeck's frozen bias."""
    cfg = load_config(str(ROOT / 'configs/baselines/two_stream_synth.py'))
    cost = model_cost(cfg)
    stem = sum(parameter.numel() for parameter in build_on_meta(cfg).backbone.infrared.parameters())
    assert stem == 3 * 49 * 16 + 2 * 16
    assert cost.params - cost.params_per_image == stem + 400 * 128
    assert cost.params_per_image - cost.by_rule.params == 2 * 128  # BNNeck


def test_parts_are_those_of_the_backbone_and_sum_to_it():
    cost = model_cost(load_config(str(ROOT / 'configs/haresformer_synth.py')))
    assert {'encoder.layer1', 'transformers.0', 'fusions.3'} <= set(cost.parts)
    assert cost.by_rule == sum(cost.parts.values(), Cost()) and cost.deployed == Cost(cost.flops // 2, cost.params)


def test_the_products_of_a_vision_transformers_attention_are_counted_in_the_deployed_model_alone():
    """Four blocks of 64 channels on 72 patches and the class token; layer norms count in the paper's rule alone."""
    cost = model_cost(load_config(str(ROOT / 'configs/baselines/vit_synth.py')))
    patches, blocks, tokens = 72 * 64 * 3 * 8 * 8, 4 * 12 * 64 * 64, 73
    assert cost.deployed.macs == patches + tokens * blocks + 4 * 2 * tokens**2 * 64 + 400 * 64
    assert cost.by_rule.macs == patches + tokens * blocks + 9 * 4 * tokens * 64


def test_a_larger_image_costs_more():
    cfg = load_config(str(ROOT / 'configs/baselines/one_stream_synth.py'))
    assert model_cost(cfg, (192, 48)).by_rule.macs == 2 * model_cost(cfg, (96, 48)).by_rule.macs


@pytest.mark.parametrize('dataset', ['sysu', 'synth'])
def test_the_lite_variant_costs_less_than_half_by_either_count(dataset):
    whole, lite = (
        model_cost(load_config(str(ROOT / f'configs/haresformer{variant}_{dataset}.py'))) for variant in ('', '_lite')
    )
    assert lite.by_rule.macs < whole.by_rule.macs / 2 and lite.deployed.macs < whole.deployed.macs / 2
