"""Every config under configs/ builds: its model, its hooks' and data's arguments, its evaluator, its optimiser."""

from pathlib import Path

import pytest
from mmengine.optim import build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, init_default_scope
from torch import nn

from haresreid.registry import HOOKS, METRICS, MODELS, TRANSFORMS
from haresreid.utils.config import load_config

ROOT = Path(__file__).parents[1]
# those under ablations/ are held to these by test_ablation_configs.py
CONFIGS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / 'configs').glob('*.py'))


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


@pytest.mark.parametrize('path, expected', [
    # epoch -> learning rate of (backbone, BNNeck and classifier): the paper's recipe, and that of MMD-ReID's code
    ('configs/haresformer_sysu.py', {epoch: (.01, .01) if epoch < 30 else (.001, .001)
                                     for epoch in (0, 9, 10, 19, 20, 29, 30, 49, 50, 79)}),
    ('configs/haresformer_sysu_mmd_ref.py', {
        0: (.001, .01), 4: (.005, .05), 9: (.01, .1), 10: (.01, .1), 19: (.01, .1), 20: (.001, .01), 29: (.001, .01),
        30: (.001, .01), 49: (.001, .01), 50: (.0001, .001), 79: (.0001, .001)}),
])  # yapf: disable
def test_learning_rates_at_the_published_epochs(path, expected):
    cfg = load_config(path)
    model = nn.ModuleDict(dict(backbone=nn.Linear(1, 1), head=nn.ModuleDict(
        dict(bnneck=nn.BatchNorm1d(1), classifier=nn.Linear(1, 1, bias=False)))))  # yapf: disable
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    schedulers = [PARAM_SCHEDULERS.build(dict(scheduler, optimizer=wrapper)) for scheduler in cfg.param_scheduler]
    group_of = {id(group['params'][0]): group for group in wrapper.param_groups if len(group['params']) == 1}
    for epoch in range(80):
        if epoch in expected:
            rates = [group_of.get(id(weight), wrapper.param_groups[0])['lr']
                     for weight in (model.backbone.weight, model.head.bnneck.weight, model.head.classifier.weight)]
            assert rates == pytest.approx([expected[epoch][0], *[expected[epoch][1]] * 2]), epoch
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
