"""The model of a run, without the wrapper that several processes put around it."""

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

__all__ = ['bare_model']


def bare_model(runner: Runner) -> nn.Module:
    """The model that a runner trains: the inner one of ``DistributedDataParallel``, or the runner's own.

    Args:
        runner (Runner): Any runner whose model is built.
    """
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
