"""Trains through ``torch.compile``."""

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['CompileHook']


@HOOKS.register_module()
class CompileHook(Hook):
    """Compiles the backbone, in which nearly all the work of a training step is; the rest of the step stays as it is.

    In place: names of parameters, and so checkpoints, do not change. Evaluation runs uncompiled, so that a checkpoint
    tested alone gives the figures of its training, and no second graph is compiled for its batches.

    Args:
        backend (str): Of :func:`torch.compile`. Defaults to 'inductor'.

    Raises:
        ValueError: PyTorch has no such backend.
    """

    def __init__(self, backend: str = 'inductor') -> None:
        known = torch._dynamo.list_backends(exclude_tags=())
        if backend not in known:
            raise ValueError(f'torch.compile has no backend {backend!r}; there are {", ".join(known)}.')
        self.backend = backend

    def before_train(self, runner: Runner) -> None:
        """Replace the backbone's call; it is compiled at the first step."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        model.backbone.compile(backend=self.backend)
        runner.logger.info(f'The backbone is compiled by {self.backend!r}: the first step takes minutes.')

    def before_val_epoch(self, runner: Runner) -> None:
        """Leave the compiled code."""
        torch.compiler.set_stance('force_eager')

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Return to it."""
        torch.compiler.set_stance('default')
