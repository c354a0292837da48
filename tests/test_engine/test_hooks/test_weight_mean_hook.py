import torch
from mmengine.hooks import Hook

from haresreid.engine import PortableCheckpointHook, WeightMeanHook
from haresreid.registry import HOOKS

EPOCHS, STEPS = 3, 8


@HOOKS.register_module()
class Steps(Hook):
    """Keeps the weights after every step, before the mean takes their place."""

    priority = 'VERY_HIGH'
    seen: list

    def before_run(self, runner) -> None:
        self.seen = [runner.model.body.weight.detach().clone()]

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        self.seen.append(runner.model.body.weight.detach().clone())


def settings(epochs: int) -> dict:
    hooks = [dict(type=WeightMeanHook, decay=0.9, interval=2), dict(type=Steps), dict(type=PortableCheckpointHook)]
    return dict(epochs=epochs, custom_hooks=hooks)


def test_the_mean_takes_the_place_of_the_weights_every_two_epochs(train):
    runner = train({}, **settings(EPOCHS))
    (steps,) = (hook for hook in runner.hooks if isinstance(hook, Steps))
    mean = steps.seen[1]  # MMEngine's mean starts at the weights after the first step
    for step, weight in enumerate(steps.seen[2:], start=2):
        mean = 0.9 * mean + 0.1 * weight
        if step == 2 * STEPS:
            in_place = mean
    (hook,) = (hook for hook in runner.hooks if isinstance(hook, WeightMeanHook))
    torch.testing.assert_close(hook.ema_model.module.body.weight.detach(), mean)
    # a step of Adam moves a weight by at most the rate and a little, so the next ones began at the mean
    assert (steps.seen[2 * STEPS + 1] - in_place).abs().max() < 0.02 < (steps.seen[2 * STEPS] - in_place).abs().max()


def test_a_resumed_training_is_exact(train, tmp_path):
    checkpoint = dict(checkpoint=dict(type='CheckpointHook', interval=1))
    alone = train(checkpoint, name='alone', **settings(EPOCHS)).model.state_dict()
    train(checkpoint, name='killed', **settings(2))
    resumed = train(checkpoint, name='killed', resume=True, **settings(EPOCHS)).model.state_dict()
    torch.testing.assert_close(resumed, alone, rtol=0, atol=0)
