from types import SimpleNamespace

import pytest
import torch

from haresreid.engine import CollapseWarningHook

MARGIN = 0.3


class Log(list):
    """Stands for the logger: keeps its warnings."""

    def warning(self, message: str) -> None:
        self.append(message)


def run(values: list[float], weights: list[float] | None = None, window: int = 10) -> Log:
    """Feed a hetero-centre triplet's values to the hook; return what it warned."""
    log = Log()
    hook = CollapseWarningHook(window=window)
    for iteration, value in enumerate(values):
        weight = weights[iteration] if weights else 1.0
        head = SimpleNamespace(collapse_values=lambda weight=weight: {'loss_hc_tri': weight * MARGIN, 'loss_mmd': None})
        runner = SimpleNamespace(model=SimpleNamespace(head=head), iter=iteration, logger=log)
        hook.after_train_iter(runner, iteration, outputs={'loss_hc_tri': torch.tensor(weight * value)})
    return log


def test_warns_when_a_loss_stays_at_its_collapse_value():
    log = run([MARGIN] * 20)
    assert len(log) == 1 and 'loss_hc_tri' in log[0] and 'collapsed' in log[0]


def test_warns_while_a_ramp_changes_the_weight():
    assert len(run([MARGIN] * 20, weights=[0.1 * (i + 1) for i in range(20)])) == 1


@pytest.mark.parametrize('values', [
    [MARGIN] * 10 + [0.2] * 20,  # where every training starts, then learning
    [0.5] * 30,
])
def test_a_learning_loss_gives_no_warning(values):
    assert run(values) == []


def test_a_loss_whose_weight_is_zero_is_left_out():
    assert run([MARGIN] * 20, weights=[0.0] * 20) == []
