"""Every row of the paper's ablations is the whole model with the change that it names, and nothing else."""

import copy
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from haresreid.catalogue import RUN_DATASETS
from haresreid.config.config import config_hash, load_config
from haresreid.costs.complexity import Cost, layer_costs
from haresreid.registry import HOOKS, METRICS, MODELS
from haresreid.reproduce import Recipe
from haresreid.reproduce.paper import VARIANTS, rows, variant_overrides
from haresreid.structures import ReIDBatch, ReIDDataSample

ROOT = Path(__file__).parents[3]
SYNTH = ('synth', 'synth_regdb')
DATASETS = ('sysu', 'regdb', *SYNTH)

PLAIN = {'head.add': False, 'head.hgae': False}
AUX = 'criterion.losses.aux.feature'
# by variant: the entries of the model that differ from the whole model's; None means that the entry is gone
CHANGES = {
    'id': dict(PLAIN, **{'criterion.losses.hc_tri': None, 'criterion.losses.mmd': None, 'criterion.losses.aux': None}),
    'id_hc': dict(PLAIN, **{'criterion.losses.mmd': None, 'criterion.losses.aux': None}),
    'id_hc_mmd': dict(PLAIN, **{'criterion.losses.aux': None}),
    'b': dict(PLAIN, **{'criterion.losses.aux': None, 'backbone.fusion': dict(type='haresreid.models.ConcatFusion')}),
    'dsa_s4_add': {'head.hgae': False, AUX: ['cls_4']},
    'dsa_s34_add': {'head.hgae': False, AUX: ['cls_3', 'cls_4']},
    'dsa_hgae': {'head.add': False},
    'h1_l2': {'backbone.stage.num_layers': 2},
    'h2_l1': {'backbone.stage.num_heads': 2},
    **{
        f'aux_s{stages}': dict(PLAIN, **{AUX: [f'cls_{stage}' for stage in stages]})
        for stages in ('1', '2', '3', '4', '14', '124', '134', '1234', '24', '34', '234')
    },
    **{
        f'lambda_{round(100 * weight):03d}': {'criterion.losses.aux.weight': weight}
        for weight in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
    },
}
BESIDE = dict(wr_tri='hc_tri', wr_tri_aux='aux')  # what SynVI's recipe adds to keep class tokens apart
ABLATIONS = ('table2', 'table3', 'table4', 'table5', 'fig6')
RECIPES = dict.fromkeys(row.recipe for dataset in DATASETS for table in ABLATIONS for row in rows(table, dataset))
VARIED = [recipe for recipe in RECIPES if recipe.variant]
NARROW = [recipe for recipe in RECIPES if recipe.config == 'configs/haresformer_synth_short.py']


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    init_default_scope('haresreid')


@cache
def load(path: str) -> Config:
    return load_config(path)


@cache
def load_recipe(recipe: Recipe) -> Config:
    return recipe.load()


def load_full(dataset: str) -> Config:
    return load_recipe(rows('table4', dataset)[5].recipe)


def entries(cfg: Config) -> dict:
    """What the runner reads: without the names that the file imports, and without loop variables."""
    return {key: copy.deepcopy(value) for key, value in cfg.to_dict().items() if isinstance(value, (dict, list))}


def final_weight(loss: dict) -> float:
    return loss.weight.to if isinstance(loss.weight, dict) else loss.weight


@pytest.mark.parametrize('recipe', VARIED, ids=lambda recipe: recipe.name)
def test_a_row_differs_from_the_whole_model_in_what_it_names(recipe):
    expected = entries(load(recipe.config))
    for place, value in CHANGES[recipe.variant].items():
        *path, key = place.split('.')
        node = expected['model']
        for name in path:
            node = node[name]
        if value is None:
            del node[key]
        elif key == 'weight' and isinstance(node[key], dict):
            assert node[key]['to'] != value
            node[key]['to'] = value
        else:
            assert node[key] != value
            node[key] = value
    losses = expected['model']['criterion']['losses']
    for name, other in BESIDE.items():
        if other not in losses:
            losses.pop(name, None)
        elif name in losses:
            losses[name]['feature'] = losses[other]['feature']
    varied = load_recipe(recipe)
    assert entries(varied) == expected
    assert varied.variant == recipe.variant and Path(varied.filename).stem == recipe.name


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_stages_of_table_three_are_those_that_the_paper_ticks(dataset):
    for row in rows('table3', dataset):
        assert load_recipe(row.recipe).model.criterion.losses.aux.feature == [
            f'cls_{stage[1]}' for stage in row.label.split(' + ')
        ]


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_points_of_figure_six(dataset):
    for row in rows('fig6', dataset):
        assert final_weight(load_recipe(row.recipe).model.criterion.losses.aux) == float(row.label)


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_settings_of_table_five(dataset):
    settings = [load_recipe(row.recipe).model.backbone.stage for row in rows('table5', dataset)]
    assert [(cfg.num_heads, cfg.num_layers) for cfg in settings] == [(1, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize('dataset', SYNTH)
def test_on_synvi_the_rows_start_from_one_encoder_with_the_papers_losses(dataset):
    real = load_full(RUN_DATASETS[dataset])
    full = load_full(dataset)
    losses, wanted = full.model.criterion.losses, real.model.criterion.losses
    assert set(losses) - set(wanted) == set(BESIDE)
    for name, loss in wanted.items():
        assert final_weight(losses[name]) == final_weight(loss)
        assert {**losses[name], 'weight': 0} == {**loss, 'weight': 0}
    assert full.custom_hooks == real.custom_hooks and full.default_hooks.loss_weights == real.default_hooks.loss_weights
    start = load('configs/pretrain/resnet18_synvi.py')
    encoder = full.model.backbone.encoder
    assert encoder.pretrained == 'haresreid://resnet18_synvi'
    assert [start.model.backbone[key] for key in ('depth', 'base_channels')] == [encoder.depth, encoder.base_channels]
    warm_up, cosine = full.param_scheduler
    assert warm_up.end == cosine.begin and cosine.end == full.train_cfg.max_epochs == full.train_cfg.val_interval


@pytest.mark.parametrize('recipe', NARROW, ids=lambda recipe: recipe.name)
def test_a_row_steps(recipe):
    cfg = load_recipe(recipe)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for hook in cfg.custom_hooks:
        HOOKS.build(hook)
    METRICS.build(cfg.val_evaluator)
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=label, modality=modality))
        for modality in (0, 1)
        for label in (0, 0, 1, 1)
    ]
    losses = model(torch.randn(8, 3, 96, 48), samples, mode='loss')
    assert set(losses) == {*(f'loss_{name}' for name in cfg.model.criterion.losses), 'acc_id'}
    total = sum(value for name, value in losses.items() if name.startswith('loss'))
    assert torch.isfinite(total)
    total.backward()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters() if weight.grad is not None)


@pytest.mark.parametrize('row', rows('table5', 'sysu'), ids=lambda row: row.label)
def test_the_cost_columns_of_table_five(row, monkeypatch):
    for name in ('trunc_normal_', 'kaiming_uniform_', 'kaiming_normal_'):  # only shapes matter, and these are slow
        monkeypatch.setattr(nn.init, name, lambda tensor, *_, **__: tensor)
    cfg = load_recipe(row.recipe)
    backbone = MODELS.build(cfg.model.backbone).to('meta').eval()
    visible = ReIDBatch.unlabelled(torch.tensor([0]))
    cost = sum(layer_costs(backbone, torch.empty(1, 3, 288, 144, device='meta'), visible).values(), Cost())
    assert cost.macs / 1e9 == pytest.approx(row.paper['cost/FLOPs (G)'], abs=0.01)
    assert cost.params / 1e6 == pytest.approx(row.paper['cost/parameters (M)'], abs=0.01)


def test_an_unknown_variant_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="there is no variant 'dsa_hgea'; did you mean 'dsa_hgae'"):
        variant_overrides('dsa_hgea')


@pytest.mark.parametrize('variant', ['aux_s4', 'h1_l2'])
def test_a_variant_of_another_model_is_refused(variant):
    with pytest.raises(ValueError, match=f'the variant {variant} does not fit configs/baselines/agw_sysu_paper.py'):
        load_config('configs/baselines/agw_sysu_paper.py', variant_overrides(variant))


def test_a_run_of_a_variant_leaves_its_config(tmp_path):
    """Under the variant's name; it is that variant and takes no other."""
    recipe = Recipe('configs/haresformer_sysu.py', 'b')
    cfg = load_recipe(recipe)
    dump = tmp_path / Path(cfg.filename).name
    cfg.dump(dump)
    again = load_config(str(dump))
    assert dump.stem == 'haresformer_sysu_b' and again.variant == 'b'
    assert config_hash(again) == config_hash(cfg) != config_hash(load(recipe.config))
    with pytest.raises(ValueError, match='haresformer_sysu_b.py is the variant b already'):
        load_config(str(dump), variant_overrides('id'))


def test_options_come_after_the_variant():
    cfg = Recipe('configs/haresformer_sysu.py', 'lambda_200').load({'model.criterion.losses.aux.weight': 3.0})
    assert cfg.model.criterion.losses.aux.weight == 3.0
    assert VARIANTS['lambda_200'] == {'model.criterion.losses.aux.weight': 2.0}
