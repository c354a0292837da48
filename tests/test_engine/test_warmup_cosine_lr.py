"""The schedule of TransReID's code at the epochs whose learning rates are known."""

import pytest
import torch
from mmengine.registry import PARAM_SCHEDULERS, DefaultScope, init_default_scope

from haresreid.engine import WarmupCosineLR

TRANSREID = dict(epochs=120, warmup=5, start=8e-5, floor=1.6e-5)
PMT = dict(epochs=24, warmup=3, start=3e-6, floor=3e-6)


def rates(schedule, *base):
    """By epoch, from 1, the learning rates of groups that have those of ``base`` without a schedule."""
    optimizer = torch.optim.SGD([dict(params=[torch.zeros(1, requires_grad=True)], lr=lr) for lr in base])
    scheduler = WarmupCosineLR(optimizer, **schedule)
    found = {}
    for epoch in range(1, schedule['epochs'] + 1):
        found[epoch] = [group['lr'] for group in optimizer.param_groups]
        optimizer.step()
        scheduler.step()
    return found, [group['lr'] for group in optimizer.param_groups]


@pytest.mark.parametrize(
    'schedule, base, expected',
    [
        (
            TRANSREID,
            0.008,
            {1: 1.66e-3, 2: 3.25e-3, 3: 4.83e-3, 4: 6.42e-3, 5: 7.97e-3, 60: 4.01e-3, 100: 5.5e-4, 120: 1.6e-5},
        ),
        (PMT, 3e-4, {1: 1.02e-4, 2: 2.01e-4, 3: 2.89e-4, 12: 1.51e-4, 23: 4.27e-6, 24: 3e-6}),
        (PMT, 1.5e-4, {1: 5.2e-5, 2: 1.01e-4, 24: 3e-6}),
    ],
)
def test_learning_rates_of_the_released_codes(schedule, base, expected):
    found, after = rates(schedule, base)
    for epoch, rate in expected.items():
        assert found[epoch][0] == pytest.approx(rate, rel=5e-3), epoch  # three digits
    assert after == [pytest.approx(schedule['floor'])]


def test_slow_and_fast_groups_start_and_end_alike():
    found, _ = rates(TRANSREID, 0.008, 0.016)
    slow, fast = found[4]
    assert fast - 8e-5 == pytest.approx(4 / 5 * (0.016 - 8e-5)) and slow - 8e-5 == pytest.approx(4 / 5 * (0.008 - 8e-5))
    assert found[120] == [pytest.approx(1.6e-5)] * 2


def test_a_resumed_training_goes_on_where_it_was():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.008)
    scheduler = WarmupCosineLR(optimizer, **TRANSREID)
    for _ in range(7):
        optimizer.step()
        scheduler.step()
    other = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.008)
    resumed = WarmupCosineLR(other, **TRANSREID)
    other.load_state_dict(optimizer.state_dict())
    resumed.load_state_dict(scheduler.state_dict())
    for each in (optimizer, other):
        each.step()
    scheduler.step()
    resumed.step()
    assert (
        other.param_groups[0]['lr']
        == optimizer.param_groups[0]['lr']
        == pytest.approx(
            1.6e-5
            + (0.008 - 1.6e-5) * (1 + torch.cos(torch.tensor(torch.pi * 9 / 120, dtype=torch.float64))).item() / 2
        )
    )


def test_a_config_may_name_it():
    if DefaultScope.get_current_instance() is None:
        init_default_scope('haresreid')
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.008)
    assert isinstance(
        PARAM_SCHEDULERS.build(dict(TRANSREID, type='WarmupCosineLR', optimizer=optimizer)), WarmupCosineLR
    )
