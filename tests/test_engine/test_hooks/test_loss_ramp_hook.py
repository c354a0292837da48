from types import SimpleNamespace

import pytest

from haresreid.engine import LossRampHook


def make_runner(max_iters: int = 100) -> SimpleNamespace:
    head = SimpleNamespace(loss_weights={'id': 1.0, 'hc_tri': 2.0})
    return SimpleNamespace(model=SimpleNamespace(head=head), iter=0, max_iters=max_iters)


@pytest.mark.parametrize('progress, weight', [(0, 0.0), (30, 0.0), (45, 1.0), (60, 2.0), (99, 2.0)])
def test_weight_follows_the_ramp(progress, weight):
    runner = make_runner()
    hook = LossRampHook(ramps=dict(hc_tri=dict(begin=0.3, end=0.6, start_factor=0.0, end_factor=1.0)))
    hook.before_train(runner)
    runner.iter = progress
    hook.before_train_iter(runner, progress)
    assert runner.model.head.loss_weights == {'id': 1.0, 'hc_tri': pytest.approx(weight)}


def test_unknown_loss_is_refused_with_the_known_ones():
    hook = LossRampHook(ramps=dict(hctri=dict(begin=0, end=1, start_factor=0, end_factor=1)))
    with pytest.raises(ValueError, match=r'hctri.*hc_tri'):
        hook.before_train(make_runner())
