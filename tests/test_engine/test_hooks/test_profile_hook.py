import json
from types import SimpleNamespace

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.optim import OptimWrapper
from torch.utils.data import DataLoader

from haresreid.engine import ProfileHook
from haresreid.models import (
    CFFM,
    BNNeckHead,
    Criterion,
    HCTripletLoss,
    HGAEHead,
    HierarchicalFeatureExtractor,
    IDLoss,
    ResNetEncoder,
    TwoStreamResNet,
    VIReID,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

LOSSES = dict(id=dict(type=IDLoss, feature='logits'), hc_tri=dict(type=HCTripletLoss, feature='embed'))
ENCODER = dict(depth=18, base_channels=8)
HARESFORMER = dict(
    type=VIReID,
    head=dict(type=HGAEHead, num_classes=2, stage_channels=(8, 16, 32, 64)),
    criterion=dict(type=Criterion, losses=LOSSES),
    backbone=dict(
        type=HierarchicalFeatureExtractor,
        encoder=dict(type=ResNetEncoder, **ENCODER),
        img_size=(32, 16),
        fusion=dict(type=CFFM),
    ),
)
CNN = dict(
    type=VIReID,
    head=dict(type=BNNeckHead, num_classes=2, in_channels=64),
    criterion=dict(type=Criterion, losses=LOSSES),
    backbone=dict(type=TwoStreamResNet, **ENCODER),
)
STAGES = [f'{part}{stage}' for part in ('RE', 'TE', 'CFFM') for stage in range(1, 5)]


def train(cfg: dict, tmp_path, num_steps: int = 7) -> tuple[str, torch.nn.Module, SimpleNamespace]:
    """A loop with the hook alone, which watches the third to the fifth step: what it logs, the model, the runner."""
    samples = [ReIDDataSample(metainfo=dict(gt_label=i % 2, modality=i // 2)) for i in range(4)]
    data = [dict(inputs=torch.randn(3, 32, 16), data_samples=samples[i % 4]) for i in range(4 * num_steps)]
    model, log = MODELS.build(cfg).train(), []
    runner = SimpleNamespace(
        model=model,
        work_dir=str(tmp_path),
        rank=0,
        optim_wrapper=OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01)),
        logger=SimpleNamespace(info=log.append, warning=log.append),
    )
    hook = ProfileHook(warmup=2, steps=3)
    for index, batch in enumerate(DataLoader(data, 4, collate_fn=pseudo_collate)):
        hook.after_train_iter(runner, index, batch, model.train_step(batch, runner.optim_wrapper))
    hook.after_train(runner)
    return '\n'.join(log), model, runner


@pytest.mark.parametrize('cfg, parts', [(HARESFORMER, STAGES), (CNN, STAGES[:4])])
def test_the_parts_of_a_step_are_named_and_add_up(cfg, parts, tmp_path):
    log, *_ = train(cfg, tmp_path)
    table = (tmp_path / 'profile.txt').read_text()
    assert table.startswith('Mean of 3 steps after 2') and table.split('\n\n')[1].strip() in log
    rows = {line[:28]: float(line[28:38]) for line in table.splitlines()[2:]}
    shown = {name.strip(): value for name, value in rows.items()}
    assert set(shown) == {
        'data wait',
        'to the device',
        'forward: backbone and neck',
        *parts,
        'head',
        'loss id',
        'loss hc_tri',
        'backward',
        'optimiser',
        'hooks and the rest',
        'step',
    }
    assert all(value > 0 for name, value in shown.items() if name not in ('hooks and the rest', 'to the device'))
    outer = sum(value for name, value in rows.items() if not name.startswith('  ')) - shown['step']
    assert outer == pytest.approx(shown['step'], abs=0.1)  # ten figures rounded to 0.01 ms
    assert sum(shown[part] for part in parts) <= shown['forward: backbone and neck'] + 1
    names = {event.get('name') for event in json.loads((tmp_path / 'profile.json').read_text())['traceEvents']}
    assert {'backward', 'loss id', 'step'} <= names


def test_nothing_is_left_behind(tmp_path):
    _, model, runner = train(HARESFORMER, tmp_path)
    for owner in (*model.modules(), runner.optim_wrapper):
        assert not {'forward', 'extract_feat', 'backward', 'step'} & set(vars(owner))


def test_a_training_that_is_too_short_says_so(tmp_path):
    log, model, _ = train(CNN, tmp_path, num_steps=4)
    assert 'this training had 4 steps, and 2 + 3 are needed' in log
    assert not any('forward' in vars(module) for module in model.modules())
    assert not torch.autograd._profiler_enabled()  # else the process would end in a segmentation fault
    assert not list(tmp_path.iterdir())
