"""Every config under configs/ablations/ is its base with the change that its row names, and nothing else."""

import copy
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from haresreid.config.config import load_config
from haresreid.costs.complexity import Cost, layer_costs
from haresreid.registry import HOOKS, METRICS, MODELS
from haresreid.reproduce.paper import DATASETS as DATASET_LAYOUTS
from haresreid.reproduce.paper import rows
from haresreid.structures import ReIDBatch, ReIDDataSample

ROOT = Path(__file__).parents[1]
SYNTH = ('synth', 'synth_regdb')
DATASETS = ('sysu', 'regdb', *SYNTH)
DSA = dict(sysu=['cls_4'], regdb=['cls_3', 'cls_4'], synth=['cls_4'], synth_regdb=['cls_3', 'cls_4'])

PLAIN = {'head.add': False, 'head.hgae': False}
AUX = 'criterion.losses.aux.feature'
# by variant: the entries of the model that differ from the whole model's; None means that the entry is gone
CHANGES = {
    'id': dict(PLAIN, **{'criterion.losses.hc_tri': None, 'criterion.losses.mmd': None, 'criterion.losses.aux': None}),
    'id_hc': dict(PLAIN, **{'criterion.losses.mmd': None, 'criterion.losses.aux': None}),
    'id_hc_mmd': dict(PLAIN, **{'criterion.losses.aux': None}),
    'b': dict(PLAIN, **{'criterion.losses.aux': None, 'backbone.fusion': dict(type='haresreid.models.ConcatFusion')}),
    'dsa_hgae': {'head.add': False},
    'h1_l2': {'backbone.num_layers': 2},
    'h2_l1': {'backbone.num_heads': 2},
    **{
        f'aux_s{stages}': dict(PLAIN, **{AUX: [f'cls_{stage}' for stage in stages]})
        for stages in ('1', '2', '3', '4', '14', '124', '134', '1234', '24', '34', '234')
    },
    **{
        f'lambda_{round(100 * weight):03d}': {'criterion.losses.aux.weight': weight}
        for weight in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
    },
}
LEAVES = [
    (dataset, path.stem.removeprefix(f'{dataset}_'))
    for dataset in DATASETS
    for path in sorted((ROOT / 'configs/ablations' / dataset).glob('*.py'))
    if not path.stem.endswith('_full')
]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    init_default_scope('haresreid')


@cache
def load(path: str) -> Config:
    return load_config(path)


def load_variant(dataset: str, variant: str) -> Config:
    return load(f'configs/ablations/{dataset}/{dataset}_{variant}.py')


def load_full(dataset: str) -> Config:
    return load(rows('table4', dataset)[5].config)


def recipe(cfg: Config) -> dict:
    """What the runner reads: without the names that the file imports, and without loop variables."""
    return {key: copy.deepcopy(value) for key, value in cfg.to_dict().items() if isinstance(value, (dict, list))}


@pytest.mark.parametrize('dataset, variant', LEAVES)
def test_a_row_differs_from_the_whole_model_in_what_it_names(dataset, variant):
    expected = recipe(load_full(dataset))
    changes = {'dsa_add': {'head.hgae': False, AUX: DSA[dataset]}, **CHANGES}[variant]
    for place, value in changes.items():
        *path, key = place.split('.')
        node = expected['model']
        for name in path:
            node = node[name]
        if value is None:
            del node[key]
        else:
            assert node[key] != value
            node[key] = value
    assert recipe(load_variant(dataset, variant)) == expected


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_stages_of_table_three_are_those_that_the_paper_ticks(dataset):
    for row in rows('table3', dataset):
        assert load(row.config).model.criterion.losses.aux.feature == [
            f'cls_{stage[1]}' for stage in row.label.split(' + ')
        ]


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_points_of_figure_six(dataset):
    for row in rows('fig6', dataset):
        assert load(row.config).model.criterion.losses.aux.weight == float(row.label)


@pytest.mark.parametrize('dataset', DATASETS)
def test_the_settings_of_table_five(dataset):
    settings = [load(row.config).model.backbone for row in rows('table5', dataset)]
    assert [(cfg.num_heads, cfg.num_layers) for cfg in settings] == [(1, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize('dataset', SYNTH)
def test_on_synvi_the_rows_start_from_one_encoder_with_the_papers_losses(dataset):
    real = load_full(DATASET_LAYOUTS[dataset])
    full = load_full(dataset)
    assert full.model.criterion.losses == real.model.criterion.losses
    assert full.custom_hooks == real.custom_hooks and full.default_hooks.loss_weights == real.default_hooks.loss_weights
    start = load('configs/pretrain/resnet18_synvi.py')
    encoder = full.model.backbone.encoder
    assert encoder.pretrained == f'work_dirs/resnet18_synvi/epoch_{start.train_cfg.max_epochs}.pth'
    assert [start.model.backbone[key] for key in ('depth', 'base_channels')] == [encoder.depth, encoder.base_channels]
    warm_up, cosine = full.param_scheduler
    assert warm_up.end == cosine.begin and cosine.end == full.train_cfg.max_epochs == full.train_cfg.val_interval


def test_the_people_behind_the_start_weights_are_others():
    """The images of a person follow from the set's seed and the person's number."""
    start, full = load('configs/pretrain/resnet18_synvi.py'), load_full('synth')
    assert start.train_dataloader.dataset.seed != full.train_dataloader.dataset.get('seed', 0)


@pytest.mark.parametrize('variant', ['full', *(variant for dataset, variant in LEAVES if dataset == 'synth')])
def test_a_row_steps(variant):
    cfg = load_variant('synth', variant)
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
    cfg = load(row.config)
    backbone = MODELS.build(cfg.model.backbone).to('meta').eval()
    visible = ReIDBatch.unlabelled(torch.tensor([0]))
    cost = sum(layer_costs(backbone, torch.empty(1, 3, 288, 144, device='meta'), visible).values(), Cost())
    assert cost.macs / 1e9 == pytest.approx(row.paper['cost/FLOPs (G)'], abs=0.01)
    assert cost.params / 1e6 == pytest.approx(row.paper['cost/parameters (M)'], abs=0.01)
