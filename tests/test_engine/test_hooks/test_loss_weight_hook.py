from types import SimpleNamespace

import pytest
from mmengine.logging import HistoryBuffer
from torch import nn

from haresreid.engine import LossWeightHook
from haresreid.models import Criterion, HCTripletLoss, IDLoss, InverseOf, Ramp

LOSSES = dict(
    id=dict(type=IDLoss, feature='logits', weight=3.0),
    tri=dict(type=HCTripletLoss, feature='embed', weight=dict(type=Ramp, to=2.0, begin=0.5, end=1.0)),
    graph=dict(type=IDLoss, feature='graph_logits', weight=dict(type=InverseOf, loss='id')),
)


def run(steps: int, epochs: int, first_epoch: int = 0, history: dict | None = None) -> list[dict]:
    """The weights of every step; the losses of step i, from 0, are logged as i."""
    model = nn.Module()
    model.criterion = Criterion(LOSSES)
    history = {} if history is None else history
    hook, seen = LossWeightHook(), []
    hub = SimpleNamespace(get_scalar=lambda name: history[name])
    for epoch in range(first_epoch, epochs):
        runner = SimpleNamespace(model=model, epoch=epoch, message_hub=hub, train_dataloader=[None] * steps)
        hook.before_train_epoch(runner)
        for step in range(steps):
            runner.iter, runner.max_iters = epoch * steps + step, epochs * steps
            hook.before_train_iter(runner, step)
            seen.append(dict(model.criterion.weights))
            for name in LOSSES:
                history.setdefault(f'train/loss_{name}', HistoryBuffer()).update(runner.iter)
    return seen


def test_constant_weights_stay_and_schedules_follow_the_training():
    weights = run(steps=2, epochs=2)
    assert [step['id'] for step in weights] == [3.0] * 4
    assert [step['tri'] for step in weights] == [0.0, 0.0, 0.0, 1.0]


def test_the_inverse_is_of_the_last_epochs_mean_and_stays_through_an_epoch():
    weights = [step['graph'] for step in run(steps=2, epochs=3)]
    assert weights == pytest.approx([0, 0, 1 / 1.5, 1 / 1.5, 1 / 3.5, 1 / 3.5])  # means 0.5 and 2.5


def test_a_resumed_training_finds_the_mean_in_its_log():
    history = {}
    whole = run(steps=2, epochs=3)
    run(steps=2, epochs=2, history=history)
    assert run(steps=2, epochs=3, first_epoch=2, history=history) == whole[4:]
