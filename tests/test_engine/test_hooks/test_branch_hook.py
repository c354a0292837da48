from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn
from torch.nn.utils import get_total_norm

from haresreid.analysis import branch_gradients
from haresreid.engine import BF16OptimWrapper, BranchHook
from haresreid.models import IDLoss
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


def make_model():
    torch.manual_seed(1)
    return MODELS.build(
        dict(
            type='VIReID',
            backbone=dict(
                type='HierarchicalFeatureExtractor',
                encoder=dict(type='ResNetEncoder', depth=18, base_channels=8),
                img_size=(96, 48),
                stage=dict(type='TransformerEncoderStage', init_std=0.3, final_norm=True),
            ),  # where a test plants a constant
            head=dict(
                type='HGAEHead',
                num_classes=4,
                stage_channels=(8, 16, 32, 64),
            ),
            criterion=dict(type='Criterion', losses=dict(id=dict(type=IDLoss, feature='logits'))),
        )
    ).train()


@pytest.fixture
def model():
    return make_model()


@pytest.fixture
def batch():
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=label, modality=modality)) for modality in (0, 1) for label in (0, 3)
    ]
    return dict(
        inputs=list(torch.randn(4, 3, 96, 48, generator=torch.Generator().manual_seed(0))), data_samples=samples
    )


def run(model, batch, iterations: int = 10, hook: BranchHook | None = None, **settings) -> Log:
    log = Log()
    hook = hook or BranchHook(interval=10, **settings)
    for iteration in range(iterations):
        runner = SimpleNamespace(model=model, iter=iteration, logger=log, visualizer=log)
        hook.after_train_iter(runner, iteration, batch)
    return log


def test_a_living_model_is_logged_without_a_warning(model, batch):
    log = run(model, batch, iterations=25, min_spread=1e-4)
    assert len(log) == 3 and not any(line.startswith('WARNING') for line in log)  # iterations 1, 10 and 20
    assert log.step == 20 and len(log.scalars) == 4 * 9
    assert all(log.scalars[f'branches/cls_spread_{stage}'] > 1e-4 for stage in range(1, 5))
    assert f'{log.scalars["branches/patch_spread_3"]:.3g}' in log[-1] and log.scalars['branches/tokens_2'] > 0


def kill(model, stage: int) -> None:
    """Let the transformer of a stage, counted from zero, give every image the same."""
    nn.init.zeros_(model.backbone.transformers[stage].norm.weight)
    nn.init.ones_(model.backbone.transformers[stage].norm.bias)


@pytest.mark.parametrize('stage', [0, 3])
def test_what_is_the_same_for_all_images_is_named(model, batch, stage):
    kill(model, stage)
    warning = run(model, batch, iterations=1, min_spread=1e-4)[-1]  # images of noise differ little on average
    assert f'the class token of stage {stage + 1} is the same for all images (spread 0 of its size)' in warning
    assert f'the patch map of stage {stage + 1} is the same for all images' in warning
    assert warning.count('of stage') == 2  # and nothing else
    assert 'clip_grad' in warning


def test_each_output_is_named_once_and_the_remedy_with_the_first(model, batch):
    hook = BranchHook(interval=10, min_spread=1e-4)
    kill(model, 3)
    log = run(model, batch, iterations=30, hook=hook)
    assert [line.startswith('WARNING') for line in log] == [False, True, False, False, False]
    kill(model, 1)
    first, second = [line for line in log + run(model, batch, iterations=30, hook=hook) if line.startswith('WARNING')]
    assert 'stage 4' in first and 'clip_grad' in first
    assert 'the class token of stage 2 is' in second and 'stage 4' not in second and 'clip_grad' not in second


def train(batch, wrapper, looks=()) -> dict:
    """The weights after four steps, with a look after some of them."""
    model, log, hook = make_model(), Log(), BranchHook(interval=1)
    wrapper = wrapper(torch.optim.AdamW(model.parameters(), lr=0.01))
    runner = SimpleNamespace(model=model, iter=0, logger=log, visualizer=log, optim_wrapper=wrapper)
    if looks:
        hook.before_train(runner)
    for iteration in range(4):
        runner.iter = iteration
        model.train_step(batch, wrapper)
        if iteration in looks:
            hook.after_train_iter(runner, iteration, batch)
            assert log.step == iteration + 1
    return model.state_dict()


@pytest.mark.parametrize('wrapper', [OptimWrapper, BF16OptimWrapper])
def test_what_is_trained_is_the_same_to_the_last_bit(batch, wrapper):
    plain = train(batch, wrapper)
    assert not all(torch.equal(value, plain[name]) for name, value in make_model().state_dict().items())
    for looks in ((0, 1, 2, 3), (2, 3)):  # in a run, and in one that was resumed half-way
        for name, value in train(batch, wrapper, looks).items():
            assert torch.equal(value, plain[name]), name


def test_shares_of_the_gradient_are_those_before_the_step_whether_it_is_clipped_or_not(model, batch):
    expected = branch_gradients(model, batch)
    model(**model.data_preprocessor(batch, True), mode='loss')['loss_id'].backward()
    whole = get_total_norm([parameter.grad for parameter in model.parameters() if parameter.grad is not None]).item()
    model.zero_grad()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01), clip_grad=dict(max_norm=1e-3))
    hook, log = BranchHook(), Log()
    runner = SimpleNamespace(model=model, iter=0, logger=log, visualizer=log, optim_wrapper=wrapper)
    hook.before_train(runner)
    model.train_step(batch, wrapper)
    hook.after_train_iter(runner, 0, batch)
    for stage, (re, te) in enumerate(expected, start=1):
        assert log.scalars[f'branches/re_gradient_{stage}'] == pytest.approx(re / whole, rel=1e-3)
        assert log.scalars[f'branches/te_gradient_{stage}'] == pytest.approx(te / whole, rel=1e-3)
    assert f'RE {log.scalars["branches/re_gradient_1"]:.3g} ' in log[0]


def test_model_and_random_numbers_stay_as_they_were(model, batch):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    run(model, batch)
    assert torch.equal(torch.rand(3), expected)
    assert model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize('model', [SimpleNamespace(backbone=nn.Linear(2, 2)), nn.Linear(2, 2)])
def test_a_model_without_transformers_is_left_alone(model):
    assert run(model, {}) == []
