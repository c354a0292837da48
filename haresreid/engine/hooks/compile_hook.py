"""Training with ``torch.compile``."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from haresreid.engine.bare_model import bare_model
from haresreid.registry import HOOKS

__all__ = ['CompileHook']


@HOOKS.register_module()
class CompileHook(Hook):
    """Compiles the backbone, which does nearly all the work of a training step; the rest of the step is unchanged.

    It compiles in place, so names of parameters and thus checkpoints do not change. Evaluation runs uncompiled: a
    checkpoint that is tested later gives the same metrics as during training, and no second graph is compiled for the
    evaluation's batches.

    Args:
        backend (str): Backend of :func:`torch.compile`. Defaults to 'inductor'.

    Raises:
        ValueError: If PyTorch has no such backend.
    """

    def __init__(self, backend: str = 'inductor') -> None:
        known = torch._dynamo.list_backends(exclude_tags=())
        if backend not in known:
            raise ValueError(f'torch.compile has no backend {backend!r}; there are {", ".join(known)}.')
        self.backend = backend

    def before_train(self, runner: Runner) -> None:
        """Replace the backbone's call by a compiled one; compilation happens at the first step."""
        model = bare_model(runner)
        # batches have one size; with symbolic ones inductor of PyTorch 2.14 fails on the non-local blocks of AGW
        model.backbone.compile(backend=self.backend, dynamic=False)
        runner.logger.info(f'The backbone is compiled by {self.backend!r}: the first step takes minutes.')

    def before_val_epoch(self, runner: Runner) -> None:
        """Switch to the uncompiled backbone for the evaluation."""
        torch.compiler.set_stance('force_eager')

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Switch back to the compiled backbone."""
        torch.compiler.set_stance('default')
