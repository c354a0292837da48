import math

import pytest

from haresreid.models import Criterion, IDLoss, InverseOf, Ramp, Step


@pytest.mark.parametrize(
    'progress, weight', [(0.0, 0.5), (0.6, 0.5), (0.65, 0.875), (0.7, 1.25), (0.8, 2.0), (1.0, 2.0)]
)
def test_a_ramp_is_linear_between_its_ends_and_constant_outside(progress, weight):
    assert Ramp(to=2.0, begin=0.6, end=0.8, start=0.5)(progress, {}) == pytest.approx(weight)


def test_the_default_runs_ramp_has_the_bits_that_it_had():
    """Weights of earlier runs: the full weight times a factor from 0 to 1."""
    for step in range(1000):
        share = min(max((step / 1000 - 0.6) / (0.8 - 0.6), 0.0), 1.0)
        for full in (2.0, 0.25, 0.5):
            assert Ramp(to=full, begin=0.6, end=0.8)(step / 1000, {}) == full * (0.0 + share * (1.0 - 0.0))


@pytest.mark.parametrize('begin, end', [(0.8, 0.6), (0.5, 0.5), (0.5, 1.5)])
def test_a_ramp_that_cannot_be_is_refused(begin, end):
    with pytest.raises(ValueError, match=f'not begin={begin} and end={end}'):
        Ramp(to=1.0, begin=begin, end=end)


@pytest.mark.parametrize('step, weight', [(0, 2.0), (149, 2.0), (150, 0.5), (599, 0.5), (600, 0.5)])
def test_a_step_is_taken_once(step, weight):
    """After 6 of 24 epochs of 25 steps each, to the bit."""
    assert Step(at=6 / 24, to=0.5, start=2.0)(step / 600, {}) == weight


@pytest.mark.parametrize('at', [0, 1, 6])
def test_a_step_outside_the_training_is_refused(at):
    with pytest.raises(ValueError, match='A step needs 0 < at < 1'):
        Step(at=at)


def test_the_inverse_of_a_loss():
    assert InverseOf('id')(0.5, dict(id=3.0)) == 0.25
    assert InverseOf('id')(0.0, dict(id=math.inf)) == 0  # in the first epoch


def test_the_inverse_of_a_sum_of_losses():
    assert InverseOf(['id', 'tri'])(0.5, dict(id=3.0, tri=1.0, graph=9.0)) == 0.2
    assert InverseOf(['id', 'tri'])(0.0, dict(id=math.inf, tri=math.inf, graph=math.inf)) == 0


def test_the_inverse_of_a_loss_that_there_is_not_is_refused_at_once():
    losses = dict(id=dict(type=IDLoss, feature='logits', weight=dict(type=InverseOf, loss='graph')))
    with pytest.raises(ValueError, match="InverseOf names the loss 'graph', but the criterion has id"):
        Criterion(losses)
