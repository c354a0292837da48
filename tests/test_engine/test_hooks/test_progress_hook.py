from types import SimpleNamespace

import pytest
from mmengine.runner import EpochBasedTrainLoop

from haresreid.engine import ProgressHook
from haresreid.engine.hooks import progress_hook

STEPS, EPOCHS = 10, 3


class Scalar:
    def mean(self, window: int) -> float:
        return 1.5


@pytest.fixture
def train(monkeypatch, capsys):
    """``train(seconds)`` runs a training whose steps take so long, and gives the lines on the screen."""
    now = [0.0]
    monkeypatch.setattr(progress_hook.time, 'monotonic', lambda: now[0])

    def run(seconds: float) -> list[str]:
        hook = ProgressHook()
        hook.shown, hook.since = False, now[0]
        scalars = {f'train/{name}': Scalar() for name in ('loss', 'acc_id', 'images_per_s')}
        runner = SimpleNamespace(
            iter=0,
            epoch=0,
            max_iters=STEPS * EPOCHS,
            max_epochs=EPOCHS,
            train_dataloader=range(STEPS),
            train_loop=object.__new__(EpochBasedTrainLoop),
            log_processor=SimpleNamespace(window_size=10),
            message_hub=SimpleNamespace(log_scalars=scalars, get_scalar=scalars.get, get_info=lambda name: 61.2),
        )
        for iteration in range(runner.max_iters):
            runner.iter, runner.epoch = iteration, iteration // STEPS
            now[0] += seconds
            hook.after_train_iter(runner, iteration % STEPS)
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.parametrize(
    'seconds, steps',
    [
        (0.01, [30]),  # an epoch in no time: the last step alone
        (0.6, [17, 30]),  # after ten seconds for the first time, then not at the end of an epoch so soon
        (1.5, [7, 20, 30]),  # every epoch, once ten seconds have gone
        (20, [1, 4, 7, 10, 13, 16, 19, 20, 23, 26, 29, 30]),  # every minute
    ],
)
def test_a_line_an_epoch_or_a_minute(train, seconds, steps):
    assert [int(line.split('step')[1].split('/')[0]) for line in train(seconds)] == steps


def test_what_a_line_says(train):
    assert train(0.01) == ['epoch 3/3  step 30/30  loss  1.5000  accuracy   1.5 %  2 images/s  eta 0:01:01']
