"""A profile of where the time of a training step goes."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.profiler import ProfilerActivity, profile, record_function

from haresreid.engine.bare_model import bare_model
from haresreid.models import stages_of
from haresreid.registry import HOOKS

from ..optim_wrappers.turn_constructor import wrappers_by_turn

__all__ = ['ProfileHook']

DATA_WAIT = 'enumerate(DataLoader)'  # the profiler's name for the wait for a batch


@HOOKS.register_module()
class ProfileHook(Hook):
    """Writes ``profile.txt``, a table, and ``profile.json``, a trace for chrome://tracing, into the work directory.

    After ``warmup`` steps it profiles ``steps`` of them, then removes itself, and the training continues unchanged. The
    table lists the wait for data, the forward pass (by the backbone's stages), each loss, the backward pass and the
    optimiser. The stages of a compiled backbone cannot be told apart. The profiler itself takes time in every operator,
    which is noticeable with a small model.

    Args:
        warmup (int): Steps before the profile starts. Defaults to 5.
        steps (int): Steps to profile. Defaults to 10.
    """

    priority = 'VERY_LOW'  # last in an iteration, so that the work of other hooks is not counted

    def __init__(self, warmup: int = 5, steps: int = 10) -> None:
        self.warmup, self.steps = warmup, steps
        self.seen = 0
        self.ranges: list[str] = []
        self.undo: list[Callable] = []

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Start the profiler after the warm-up, and stop it after the steps."""
        self.seen += 1
        if self.seen == self.warmup:
            self._watch(runner)
            activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
            self.profiler = profile(activities=activities)
            self.profiler.start()
            atexit.register(self._stop)  # a process that ends with the profiler running dies of a segmentation fault
            self.step_range = record_function('step')
            self.step_range.__enter__()
        elif self.seen == self.warmup + self.steps:
            self._stop()
            self._write(runner)

    def after_train(self, runner: Runner) -> None:
        """Warn if the training was too short for a profile."""
        if self.seen < self.warmup + self.steps:
            if self.seen >= self.warmup:
                self._stop()
            runner.logger.warning(
                f'No profile: this training had {self.seen} steps, and {self.warmup} + {self.steps} are needed.'
            )

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        self.step_range.__exit__(None, None, None)
        self.profiler.stop()
        for undo in self.undo:
            undo()

    def _watch(self, runner: Runner) -> None:
        """Name the parts of a step in the profile."""
        model = bare_model(runner)
        backbone, head = model.backbone, model.head
        self._wrap(model.data_preprocessor, 'forward', 'to the device')
        self._wrap(model, 'extract_feat', 'forward: backbone and neck')
        if backbone._compiled_call_impl is None:
            for name, stage in stages_of(backbone).items():
                self._wrap(stage, 'forward', f'  {name}')
        self._wrap(head, 'forward', 'head')
        for name, loss in model.criterion.losses.items():
            self._wrap(loss, 'forward', f'loss {name}')
        for turn, wrapper in wrappers_by_turn(runner.optim_wrapper).items():
            self._wrap(wrapper, 'backward', f'backward {turn}'.rstrip())
            self._wrap(wrapper, 'step', f'optimiser {turn}'.rstrip())

    def _wrap(self, owner, method: str, name: str) -> None:
        """Wrap a method of one object in a profiler range."""
        call = getattr(owner, method)

        @wraps(call)
        def named(*args, **kwargs):
            with _range(name):
                return call(*args, **kwargs)

        object.__setattr__(owner, method, named)  # not a submodule's entry
        self.undo.append(lambda: object.__delattr__(owner, method))
        self.ranges.append(name)

    def _write(self, runner: Runner) -> None:
        if not runner.rank == 0:
            return
        folder = Path(runner.work_dir)
        seconds: dict[str, float] = {}
        for event in self.profiler.key_averages():
            name = 'data wait' if event.key.startswith(DATA_WAIT) else event.key
            seconds[name] = seconds.get(name, 0.0) + event.cpu_time_total / 1e6 / self.steps
        whole = seconds['step']
        lines = ['data wait', *self.ranges]
        inner = [name for name in lines if name.startswith('  ')]
        rest = whole - sum(seconds.get(name, 0.0) for name in lines if name not in inner)
        rows = [(name, seconds[name]) for name in lines if name in seconds]
        rows += [('hooks and the rest', rest), ('step', whole)]
        table = '\n'.join(f'{name:28}{1000 * value:10.2f} ms{100 * value / whole:7.1f} %' for name, value in rows)
        text = f'Mean of {self.steps} steps after {self.warmup}\n\n{table}\n'
        (folder / 'profile.txt').write_text(text, encoding='utf-8')
        self.profiler.export_chrome_trace(str(folder / 'profile.json'))
        runner.logger.info(
            f'Where the time of a step goes, {folder / "profile.txt"}; chrome://tracing shows '
            f'{folder / "profile.json"}:\n{table}'
        )


@contextmanager
def _range(name: str) -> Iterator[None]:
    with record_function(name):
        yield
        if torch.cuda.is_available():  # otherwise only the time to queue the GPU's work would be measured
            torch.cuda.synchronize()
