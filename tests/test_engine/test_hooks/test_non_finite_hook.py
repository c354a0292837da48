import copy
import json
import math
import os
import re
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import torch
from mmengine.optim import OptimWrapper, OptimWrapperDict

from haresreid.engine import NonFiniteHook

BATCH = 4
BAD = (14, 15)  # half of the fourth batch


def of_batches(*numbers: int) -> tuple[int, ...]:
    """Its first image."""
    return tuple(BATCH * number for number in numbers)


def weights(runner) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in runner.model.state_dict().values()])


def scalars(runner) -> list[dict]:
    (file,) = Path(runner.work_dir).glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in file.read_text().splitlines()]


def log(runner) -> str:
    (file,) = Path(runner.work_dir).glob('*/*.log')
    return file.read_text()


def test_stop_names_iteration_loss_parameter_images_and_checkpoint(train):
    with pytest.raises(ValueError) as stopped:
        train(dict(non_finite=dict(type=NonFiniteHook)), BAD)
    message = str(stopped.value)
    assert '\n' not in message
    assert re.search('stopped at iteration 4, epoch 1: loss_square is nan; ', message)
    # the head's bias is the first that backward meets: every gradient before it is NaN too
    assert 'the gradients of 6 parameters are not finite, from head.bias backward' in message
    assert 'image_12.jpg, image_13.jpg, image_14.jpg and 1 more' in message
    assert 'There is no checkpoint yet' in message and 'default_hooks.non_finite.action=skip' in message


def test_each_of_several_optimizers_is_checked_and_its_norm_logged():
    model = torch.nn.ModuleDict(dict(images=torch.nn.Linear(1, 1), reid=torch.nn.Linear(2, 1)))
    wrappers = {name: OptimWrapper(torch.optim.SGD(part.parameters(), lr=1.0)) for name, part in model.items()}
    hub = Mock()
    hook = NonFiniteHook()
    hook.before_train(SimpleNamespace(model=model, optim_wrapper=OptimWrapperDict(**wrappers), message_hub=hub))
    for value in (3.0, math.inf):
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        model['images'].weight.grad += value
        for wrapper in wrappers.values():
            wrapper.step()
    assert [call.args for call in hub.update_scalar.call_args_list] == [
        ('train/images.grad_norm', 3.0),
        ('train/reid.grad_norm', 0.0),
        ('train/reid.grad_norm', 0.0),
    ]
    assert 'gradients of 1 parameters are not finite, from images.weight' in hook.bad_gradients
    assert model['images'].weight.isfinite()


def test_stop_names_the_last_checkpoint(train, tmp_path):
    (tmp_path / 'run').mkdir()
    (tmp_path / 'run/last_checkpoint').write_text('run/epoch_7.pth')
    with pytest.raises(ValueError, match='The last checkpoint is run/epoch_7.pth'):
        train(dict(non_finite=dict(type=NonFiniteHook)), BAD)


@pytest.mark.parametrize('optim_wrapper', [{}, dict(clip_grad=dict(max_norm=1.0))])
def test_a_skipped_step_leaves_weights_momentum_and_statistics_alone(train, optim_wrapper):
    whole = train(dict(non_finite=dict(type=NonFiniteHook, action='skip')), BAD, optim_wrapper=dict(optim_wrapper))
    assert weights(whole).isfinite().all()
    assert 'iteration 4, epoch 1' in log(whole) and 'Left out: 1 in a row' in log(whole)
    assert 'image_12.jpg, image_13.jpg, image_14.jpg, image_15.jpg' in log(whole)
    # the reference: a training that never meets the batch
    without = train(dict(leave_out=dict(type=_LeaveOut)), (), 'without', optim_wrapper=dict(optim_wrapper))
    assert torch.equal(weights(whole), weights(without))


class _LeaveOut(NonFiniteHook):
    """Puts weights, optimiser and statistics back after the batch, the slow and obvious way."""

    def __init__(self) -> None:
        super().__init__('warn')

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.before = copy.deepcopy((runner.model.state_dict(), runner.optim_wrapper.optimizer.state_dict()))

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if batch_idx == 3:
            runner.model.load_state_dict(self.before[0])
            runner.optim_wrapper.optimizer.load_state_dict(self.before[1])


def test_too_many_skips_in_a_row_stop_and_fewer_do_not(train):
    hook = dict(type=NonFiniteHook, action='skip', max_skips=2)
    train(dict(non_finite=dict(hook)), of_batches(1, 2, 4, 5), 'pairs')
    with pytest.raises(ValueError, match='stopped at iteration 4.*after 2 in a row that were left out'):
        train(dict(non_finite=dict(hook)), of_batches(1, 2, 3), 'three')


def test_warn_takes_the_step_and_says_so_once(train):
    runner = train(dict(non_finite=dict(type=NonFiniteHook, action='warn')), BAD)
    assert not weights(runner).isfinite().all()
    assert log(runner).count('The images of the batch') == 1  # although every later step is NaN as well


def test_accumulated_gradients_are_left_out_together(train):
    runner = train(
        dict(non_finite=dict(type=NonFiniteHook, action='skip')), BAD, optim_wrapper=dict(accumulative_counts=2)
    )
    assert weights(runner).isfinite().all() and 'iteration 4, epoch 1: loss_square is nan' in log(runner)


def test_the_loss_scaler_keeps_its_search(train):
    # the CPU's scaler works as the GPU's: inf gradients of a scale that is too high are its own affair
    runner = train(dict(non_finite=dict(type=NonFiniteHook)), optim_wrapper=dict(type=_scaled()))
    assert runner.optim_wrapper.scaler.get_scale() < 1e38 and weights(runner).isfinite().all()


def _scaled() -> type:
    class Scaled(OptimWrapper):
        def __init__(self, **kwargs) -> None:
            super().__init__(**kwargs)
            self.scaler = torch.amp.GradScaler('cpu', init_scale=1e38)

        def backward(self, loss, **kwargs):
            self.scaler.scale(loss).backward(**kwargs)
            self._inner_count += 1

        def step(self, **kwargs):
            self.scaler.step(self.optimizer)
            self.scaler.update()

    return Scaled


def test_the_norm_is_logged_as_the_gradients_have_it(train):
    norms = []

    class Spy(NonFiniteHook):
        def _look(self, runner, *others):
            grads = [p.grad.flatten() for p in runner.model.parameters()]
            norms.append(math.sqrt(sum(float(value) ** 2 for grad in grads for value in grad)))
            super()._look(runner, *others)

    runner = train(dict(non_finite=dict(type=Spy)))
    last = scalars(runner)[-1]
    assert last['grad_norm'] == pytest.approx(
        sum(norms) / len(norms), rel=1e-5
    )  # of 8 steps, in MMEngine's window of 10


def test_an_unknown_action_is_refused():
    with pytest.raises(ValueError, match="must be 'stop', 'skip' or 'warn', not 'ignore'"):
        NonFiniteHook(action='ignore')


@pytest.mark.skipif(torch.cuda.is_available(), reason='CUDA does not survive a fork')
def test_processes_decide_together_when_one_of_them_meets_nan(train, tmp_path):

    def work(rank: int) -> None:
        torch.set_num_threads(1)  # OpenMP's other threads do not survive a fork
        os.environ['LOCAL_RANK'] = str(rank)
        torch.distributed.init_process_group('gloo', f'file://{tmp_path}/store', rank=rank, world_size=2)
        # each takes every other image: only the second meets image 15
        runner = train(
            dict(non_finite=dict(type=NonFiniteHook, action='skip')),
            (15,),
            launcher='pytorch',
            cfg=dict(
                model_wrapper_cfg=dict(type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False)
            ),
        )
        torch.save([parameter.detach() for parameter in runner.model.parameters()], tmp_path / f'{rank}.pth')

    # forked, for the training is a closure
    processes = [get_context('fork').Process(target=work, args=(rank,)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    first, second = (torch.load(tmp_path / f'{rank}.pth', weights_only=True) for rank in range(2))
    assert all(torch.equal(ours, theirs) and ours.isfinite().all() for ours, theirs in zip(first, second))
    # the first process writes the log, and names the image of the other
    text = '\n'.join(file.read_text() for file in (tmp_path / 'run').glob('*/*.log'))
    assert re.search(r'The images of the batch: .*image_15\.jpg', text) and 'image_14.jpg' not in text
