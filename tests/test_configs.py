"""Every config under configs/ builds: its model, its hooks' and data's arguments, its evaluator, its optimiser."""

from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from haresreid.registry import HOOKS, METRICS, MODELS, TRANSFORMS
from haresreid.utils.config import load_config

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    init_default_scope('haresreid')


@pytest.mark.parametrize('path', CONFIGS)
def test_every_part_builds(path):
    cfg = load_config(path, {'model.backbone.encoder.pretrained': None})
    model = MODELS.build(cfg.model)
    for hook in [*cfg.default_hooks.values(), *cfg.custom_hooks]:
        HOOKS.build(hook)
    for evaluator in (cfg.val_evaluator, cfg.test_evaluator):
        METRICS.build(evaluator)
    sampler = cfg.train_dataloader.sampler
    assert cfg.train_dataloader.batch_size == 2 * sampler.num_ids * sampler.num_instances
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        for step in loader.dataset.pipeline:
            TRANSFORMS.build(step)
    assert cfg.val_dataloader.dataset == cfg.test_dataloader.dataset
    names = {name for name, _ in model.named_parameters()}
    assert 'head.classifier.weight' in names and 'head.bnneck.bias' in names


def test_the_papers_recipe_stands_in_the_sysu_config():
    """Section IV-A, equation 13."""
    cfg = load_config('configs/haresformer_sysu.py')
    losses = cfg.model.head.losses
    assert {name: loss.weight for name, loss in losses.items()} == dict(id=1.0, hc_tri=2.0, mmd=0.25, aux=0.5)
    assert (losses.hc_tri.margin, losses.mmd.margin, losses.aux.feature) == (0.3, 1.4, ['cls_4', 'global_agg'])
    optimizer = cfg.optim_wrapper.optimizer
    assert (optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (0.01, 0.9, 5e-4)
    schedule, = cfg.param_scheduler
    assert (schedule.milestones, schedule.gamma, cfg.train_cfg.max_epochs) == ([30], 0.1, 80)


@pytest.mark.parametrize('name, weight, stages, num_classes', [
    ('sysu', 0.5, ['cls_4', 'global_agg'], 395),
    ('llcm', 0.5, ['cls_4', 'global_agg'], 713),
    ('regdb', 0.25, ['cls_3', 'cls_4', 'global_agg'], 206),
])
def test_auxiliary_supervision_per_data_set(name, weight, stages, num_classes):
    head = load_config(f'configs/haresformer_{name}.py').model.head
    assert (head.losses.aux.weight, head.losses.aux.feature, head.num_classes) == (weight, stages, num_classes)
