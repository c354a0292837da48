"""Configs that runs of release 0.1 left: the head owned the losses, a hook moved their weights, names were others."""

from pathlib import Path

import pytest

from haresreid.config.config import load_config
from haresreid.config.config_data import read_config_data
from haresreid.config.older_forms import translate
from haresreid.models import Criterion

SYNTH = str(Path(__file__).parents[2] / 'configs/haresformer_synth.py')
RAMP = dict(begin=0.6, end=0.8, start_factor=0.0, end_factor=1.0)


@pytest.fixture
def left(tmp_path) -> Path:
    """The dump of the default run, as 0.1 wrote it."""
    cfg = load_config(SYNTH)
    losses = cfg.model.pop('criterion').losses
    for name, weight in dict(hc_tri=2.0, mmd=0.25, aux=0.5).items():
        losses[name].weight = weight
    cfg.model.head.losses = losses
    cfg.default_hooks.pop('loss_weights')
    cfg.default_hooks.pop('throughput')
    cfg.default_hooks.vitals = dict(type='haresreid.engine.VitalsHook')
    cfg.default_hooks.checkpoint.type = 'haresreid.engine.WholeCheckpointHook'
    cfg.model.backbone.pop('fused_width')
    cfg.model.backbone.cffm_out = '2d'
    stage = cfg.model.backbone.stage
    stage.pop('type')
    for option in ('num_heads', 'num_layers', 'init_std'):
        cfg.model.backbone[option] = stage.pop(option)
    hook = dict(type='haresreid.engine.LossRampHook', ramps=dict(hc_tri=RAMP, mmd=RAMP, aux=RAMP))
    cfg.custom_hooks = [*cfg.custom_hooks, dict(type='haresreid.engine.ClassCountHook'), hook]
    cfg.dump(tmp_path / 'haresformer_synth.py')
    return tmp_path / 'haresformer_synth.py'


@pytest.mark.parametrize('read', [lambda path: load_config(str(path)), read_config_data])
def test_the_config_of_a_run_of_release_0_1_is_read_as_todays(left, read):
    cfg, today = read(left), load_config(SYNTH)
    assert 'losses' not in cfg.model.head
    assert 'LossRampHook' not in str(cfg.custom_hooks) and 'ClassCountHook' not in str(cfg.custom_hooks)
    assert len(cfg.custom_hooks) == len(today.custom_hooks)
    assert cfg.model.backbone.fused_width == 2 and 'cffm_out' not in cfg.model.backbone
    assert cfg.model.backbone.stage == dict(today.model.backbone.stage, type='haresreid.models.TransformerEncoderStage')
    assert not {'num_heads', 'num_layers', 'init_std'} & set(cfg.model.backbone)
    assert cfg.default_hooks.throughput.type == 'haresreid.engine.ThroughputHook'
    assert cfg.default_hooks.checkpoint.type == 'haresreid.engine.AtomicCheckpointHook'
    assert cfg.default_hooks.loss_weights.type == 'haresreid.engine.LossWeightHook'
    then, now = (Criterion(config.model.criterion.losses) for config in (cfg, today))
    for progress in (0.0, 0.65, 0.7, 1.0):
        for criterion in (then, now):
            criterion.update_weights(progress, {})
        assert then.weights == now.weights
    assert then.features == now.features


def test_a_backbone_without_a_stage_gets_the_transformers_that_it_had():
    cfg = dict(model=dict(backbone=dict(type='haresreid.models.HierarchicalFeatureExtractor', num_heads=2)))
    translate(cfg)
    stage = dict(type='haresreid.models.TransformerEncoderStage', num_heads=2)
    assert cfg['model']['backbone'] == dict(type='haresreid.models.HierarchicalFeatureExtractor', stage=stage)


def test_another_backbone_keeps_its_layers():
    cfg = dict(model=dict(backbone=dict(type='mmpretrain.models.VisionTransformer', num_layers=6)))
    translate(cfg)
    assert cfg['model']['backbone']['num_layers'] == 6


def test_overrides_take_todays_names(left):
    cfg = load_config(str(left), {'model.criterion.losses.aux.weight': 0.75})
    assert cfg.model.criterion.losses.aux.weight == 0.75
    assert cfg.model.criterion.losses.mmd.weight.to == 0.25


def test_a_config_of_today_stays_as_it_is(tmp_path):
    load_config(SYNTH).dump(tmp_path / 'dump.py')
    assert (
        read_config_data(tmp_path / 'dump.py').to_dict()['model']
        == load_config(str(tmp_path / 'dump.py')).to_dict()['model']
    )


@pytest.mark.parametrize(
    ('line', 'old'),
    [
        ("model['head']['losses'] = dict(id=dict(type='IDLoss', feature='logits'))", 'model.head.losses'),
        ("custom_hooks.append(dict(type='LossRampHook', ramps={}))", 'a LossRampHook'),
    ],
)
def test_a_users_own_config_in_both_forms_is_refused(tmp_path, line, old):
    load_config(SYNTH).dump(tmp_path / 'own.py')
    with (tmp_path / 'own.py').open('a') as file:
        file.write(line)
    with pytest.raises(ValueError, match=f'{old} stands beside model.criterion: change model.criterion.losses'):
        load_config(str(tmp_path / 'own.py'))


@pytest.mark.parametrize(
    'line',
    [
        'model.head.losses.update(id=dict(weight=2.0))',
        'model.head.losses.id.weight = 2.0',
        "model.head['losses']['id'].update(weight=2.0)",
        "model.head.losses = dict(id=dict(type='IDLoss'))",
    ],
)
def test_a_users_config_that_changes_the_heads_losses_is_told_where_they_are(tmp_path, line):
    config = tmp_path / 'mine.py'
    inherited = (
        'from mmengine.config import read_base',
        'with read_base(): from haresreid.configs.haresformer_synth import *',
    )
    config.write_text('\n'.join((*inherited, line)))
    with pytest.raises(ValueError, match=r'model\.head\.losses.*: change model\.criterion\.losses instead'):
        load_config(str(config))
    config.write_text('\n'.join((*inherited, 'model.criterion.losses.id.weight = 2.0')))
    assert load_config(str(config)).model.criterion.losses.id.weight == 2.0
