"""Keeps NaN and infinity out of the weights, and reports where they came from."""

import math
from functools import partial

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.runner import Runner, find_latest_checkpoint
from torch import Tensor
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from haresreid.engine.bare_model import bare_model
from haresreid.files.printable import printable
from haresreid.registry import HOOKS

from ..optim_wrappers.turn_constructor import wrappers_by_turn

__all__ = ['NonFiniteHook']


@HOOKS.register_module()
class NonFiniteHook(Hook):
    """Checks every loss, and the gradients of every step just before the optimiser uses them.

    At that point gradients are summed over the processes, so all processes see the same values, and a loss scaler has
    removed its scale. A step that the scaler skips by itself never gets here, because skipping is part of its search
    for a scale; of such a step only a non-finite loss is reported. Gradients are judged by their norm, which is logged
    as ``grad_norm`` unless clipping logs it already; with several optimizers as ``reid.grad_norm`` and so on.

    Args:
        action (str): 'stop' ends the training. 'skip' leaves the step out, batch statistics included, and continues.
            'warn' logs a warning and takes the step. Defaults to 'stop'.
        max_skips (int): Consecutive skipped iterations after which 'skip' stops as well. Defaults to 20.

    Raises:
        ValueError: If the action is unknown. Also when a training stops: the message names the iteration, the losses,
            the parameter, the images and the last checkpoint.
    """

    def __init__(self, action: str = 'stop', max_skips: int = 20) -> None:
        if action not in ('stop', 'skip', 'warn'):
            raise ValueError(f"NonFiniteHook.action must be 'stop', 'skip' or 'warn', not {action!r}")
        self.action = action
        self.max_skips = max_skips
        self.in_a_row = 0
        self.bad_gradients = ''
        self.buffers: list[Tensor] = []

    def before_train(self, runner: Runner) -> None:
        """Check the gradients before every step of an optimiser."""
        for turn, wrapper in wrappers_by_turn(runner.optim_wrapper).items():
            name = f'{turn}.grad_norm' if turn else 'grad_norm'
            logged = getattr(wrapper, 'grad_name', None) == name
            wrapper.optimizer.register_step_pre_hook(partial(self._look, runner, None if logged else name))

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Save the batch norms' running statistics before the forward pass updates them."""
        if self.action == 'skip':
            self.buffers = [buffer.clone() for buffer in runner.model.buffers()]

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Stop, skip or warn, in the same way in all processes."""
        # RuntimeInfoHook has fetched the losses already: reading them there costs no wait for the device
        values = {name: runner.message_hub.get_scalar(f'train/{name}').current() for name in outputs if name != 'loss'}
        losses = [f'{name} is {value}' for name, value in values.items() if not math.isfinite(value)]
        gradients, self.bad_gradients = self.bad_gradients, ''
        anywhere = torch.tensor(float(bool(losses or gradients)))
        dist.all_reduce(anywhere, 'max')
        if not anywhere:
            self.in_a_row = 0
            return
        self.in_a_row += 1
        paths = [sample.img_path for sample in data_batch['data_samples']]
        reports = dist.all_gather_object((losses, paths))
        # one process's NaN is in the gradients of all
        guilty = [report for report in reports if report[0]] or reports
        what = dict.fromkeys(text for texts, _ in guilty for text in texts)
        what = '; '.join([*what, gradients] if gradients else what)
        self._act(runner, what, [path for _, shown in guilty for path in shown])

    def _act(self, runner: Runner, what: str, paths: list[str]) -> None:
        place = f'iteration {runner.iter + 1}, epoch {runner.epoch + 1}: {what}'
        stops = self.action == 'stop' or (self.action == 'skip' and self.in_a_row > self.max_skips)
        if stops or self.in_a_row == 1:
            runner.logger.warning(f'{place}. The images of the batch: {", ".join(map(printable, paths))}')
        if stops:
            again = f', after {self.max_skips} in a row that were left out' if self.action == 'skip' else ''
            shown = ', '.join(paths[:3]) + (
                f' and {len(paths) - 3} more, which the log names' if len(paths) > 3 else ''
            )
            checkpoint = find_latest_checkpoint(runner.work_dir)
            raise ValueError(
                f'training stopped at {place}{again}; the batch is {shown}. '
                f'{f"The last checkpoint is {checkpoint}" if checkpoint else "There is no checkpoint yet"}. Lower the '
                'learning rate, train without --amp, or leave such steps out with --cfg-options '
                'default_hooks.non_finite.action=skip'
            )
        if self.action == 'skip':
            for buffer, before in zip(runner.model.buffers(), self.buffers):
                buffer.copy_(before)
            runner.logger.warning(f'{place}. Left out: {self.in_a_row} in a row, {self.max_skips} are allowed')

    def _look(self, runner: Runner, name: str | None, optimizer: Optimizer, *_) -> None:
        if getattr(optimizer, 'found_inf', None) is not None:  # a fused optimiser skips such a step itself
            return
        grads = [p.grad for group in optimizer.param_groups for p in group['params'] if p.grad is not None]
        norm = get_total_norm(grads).item()  # the only wait for the device
        if math.isfinite(norm):
            if name is not None:
                runner.message_hub.update_scalar(f'train/{name}', norm)
            return
        model = bare_model(runner)
        bad = [name for name, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all()]
        self.bad_gradients = (
            f'the gradients of {len(bad)} parameters are not finite, from {bad[-1]} backward'
            if bad
            else f'the norm of the gradients is {norm}, though each is finite'
        )
        if self.action != 'warn':
            optimizer.zero_grad(set_to_none=True)  # without gradients the step changes nothing, not even its momentum
