from types import SimpleNamespace

import pytest
import torch
from torch import nn

from haresreid.engine import BranchHook
from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample


class Log(list):
    """Stands for the logger and the visualizer: keeps what it is told."""

    def info(self, message: str) -> None:
        self.append(message)

    def warning(self, message: str) -> None:
        self.append(f'WARNING: {message}')

    def add_scalars(self, scalars: dict, step: int) -> None:
        self.scalars = scalars
        self.step = step


@pytest.fixture
def model():
    return MODELS.build(
        dict(
            type='VIReID',
            backbone=dict(
                type='HierarchicalFeatureExtractor',
                encoder=dict(type='ResNetEncoder', depth=18, base_channels=8),
                img_size=(96, 48),
                init_std=0.3),
            head=dict(type='HGAEHead', num_classes=4, stage_channels=(8, 16, 32, 64)))).train()


@pytest.fixture
def batch():
    samples = [ReIDDataSample(metainfo=dict(gt_label=0, modality=modality)) for modality in (0, 0, 1, 1)]
    return dict(inputs=list(torch.randn(4, 3, 96, 48)), data_samples=samples)


def run(model, batch, iterations: int = 10, **settings) -> Log:
    log = Log()
    hook = BranchHook(interval=10, **settings)
    for iteration in range(iterations):
        runner = SimpleNamespace(model=model, iter=iteration, logger=log, visualizer=log)
        hook.after_train_iter(runner, iteration, batch)
    return log


def test_a_living_model_is_logged_without_a_warning(model, batch):
    log = run(model, batch, iterations=25, min_spread=1e-4)
    assert len(log) == 2 and not any(line.startswith('WARNING') for line in log)
    assert log.step == 20 and len(log.scalars) == 4 * 6
    assert all(log.scalars[f'branches/cls_spread_{stage}'] > 1e-4 for stage in range(1, 5))
    assert f'{log.scalars["branches/patch_spread_3"]:.3g}' in log[-1]


@pytest.mark.parametrize('stage', [0, 3])
def test_what_is_the_same_for_all_images_is_named(model, batch, stage):
    nn.init.zeros_(model.backbone.transformers[stage].norm.weight)
    nn.init.ones_(model.backbone.transformers[stage].norm.bias)
    warning = run(model, batch, min_spread=1e-4)[-1]  # images of noise differ little on average
    assert f'class token of stage {stage + 1}' in warning and f'patch map of stage {stage + 1}' in warning
    assert warning.count('of stage') == 2  # and nothing else
    assert 'clip_grad' in warning


def test_model_and_random_numbers_stay_as_they_were(model, batch):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    run(model, batch)
    assert torch.equal(torch.rand(3), expected)
    assert model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_without_transformers_is_left_alone():
    model = SimpleNamespace(backbone=nn.Linear(2, 2))
    assert run(model, {}) == []
