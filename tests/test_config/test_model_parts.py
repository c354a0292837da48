import json

import pytest
import torch
from torch import nn

from haresreid.config.config import load_config
from haresreid.config.model_parts import model_parts, model_settings, refuse_other_parts


def model(config: str) -> dict:
    return load_config(f'configs/{config}.py').model


def test_parts_of_a_shipped_config():
    assert model_parts(model('baselines/lba_synth')) == {
        'backbone': 'AlignedResNet',
        'head': 'LbAHead',
        'head.pooling': 'GeneralizedMeanPooling',
    }


def test_classes_and_names_are_the_same_and_layers_of_pytorch_do_not_count():
    by_class = dict(backbone=dict(type=nn.Flatten, norm_cfg=dict(type='BN')), criterion=dict(type='Criterion'))
    by_name = dict(backbone=dict(type='torch.nn.Flatten', norm_cfg=dict(type='SyncBN')))
    assert model_parts(by_class) == model_parts(by_name) == {'backbone': 'Flatten'}


# each pair has the same names and shapes of weights
@pytest.mark.parametrize('trained', ['lba', 'hat'])
def test_another_method_is_refused_although_its_weights_fit(trained):
    meta = dict(parts=model_parts(model(f'baselines/{trained}_synth')))
    with pytest.raises(ValueError, match=r'^checkpoint a\.pth is of another model than this config'):
        refuse_other_parts('a.pth', meta, model('baselines/two_stream_synth'))


@pytest.mark.parametrize(
    'trained, tested',
    [
        ('baselines/agw_sysu_paper', 'baselines/agw_sysu_unified'),
        ('baselines/agw_synth', 'baselines/caj_synth'),  # they differ in what they train with
        ('haresformer_sysu', 'haresformer_sysu_mmd_ref'),
        ('haresformer_sysu', 'haresformer_sysu_stable'),
    ],
)
def test_a_model_that_was_only_trained_otherwise_passes(trained, tested):
    meta = dict(parts=model_parts(model(trained)), settings=model_settings(model(trained)))
    refuse_other_parts('a.pth', meta, model(tested))


def test_a_checkpoint_that_does_not_say_what_it_is_of_passes():
    refuse_other_parts('a.pth', {}, model('haresformer_synth'))


@pytest.mark.parametrize('parts', [3, ['a'], {1: 'a'}, {'head': None}])
def test_a_record_that_is_none_is_named(parts):
    with pytest.raises(ValueError, match=r'^checkpoint a\.pth is damaged: meta\.parts'):
        refuse_other_parts('a.pth', dict(parts=parts), model('haresformer_synth'))


@pytest.mark.parametrize(
    'place, value',
    [
        ('backbone.encoder.strides', [1, 2, 1]),
        ('backbone.stage.num_heads', 2),
        ('backbone.stage.cls_self_attention', True),
        ('head.add', False),
    ],
)
def test_other_settings_are_refused_although_the_weights_fit(place, value):
    meta = dict(settings=model_settings(model('haresformer_lite_synth')))
    ours = load_config('configs/haresformer_lite_synth.py', {f'model.{place}': value}).model
    with pytest.raises(ValueError, match=rf'^checkpoint a\.pth was trained with other settings .*\(model\.{place}='):
        refuse_other_parts('a.pth', meta, ours)


def test_a_default_is_the_same_as_its_value_and_what_a_test_may_choose_is_free():
    meta = dict(settings=model_settings(model('haresformer_synth')))
    same = {'model.backbone.encoder.strides': (1, 2, 2, 1), 'model.head.test_feature': 'pre_bn'}
    refuse_other_parts('a.pth', meta, load_config('configs/haresformer_synth.py', same).model)


def test_settings_are_plain_values_of_every_shipped_method():
    for config in ('baselines/deen_synth', 'baselines/transreid_synth', 'baselines/dfln_vit_synth', 'light_synth'):
        settings = model_settings(model(config))
        assert settings and json.loads(json.dumps(settings)) == settings


@pytest.mark.parametrize('settings', [[1], {'head.add': torch.ones(2)}, {'head.add': {}}])
def test_settings_that_are_none_are_named(settings):
    with pytest.raises(ValueError, match=r'^checkpoint a\.pth is damaged: meta\.settings'):
        refuse_other_parts('a.pth', dict(settings=settings), model('haresformer_synth'))
