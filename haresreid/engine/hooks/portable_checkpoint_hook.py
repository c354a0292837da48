"""Checkpoints that hold only tensors and plain values, so that loading one never executes code."""

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from haresreid.compat import mmengine_shims  # noqa: F401  (registers the weights_only loader that reads them back)
from haresreid.registry import HOOKS

__all__ = ['PortableCheckpointHook']


def _plain(value):
    """Convert NumPy scalars and arrays to Python numbers and tensors, recursively."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, np.generic):
        return value.item()
    return value


@HOOKS.register_module()
class PortableCheckpointHook(Hook):
    """Stores MMEngine's log history as tensors instead of pickled objects, and restores it on resume.

    The history is the only part of an MMEngine checkpoint that ``torch.load(weights_only=True)`` refuses.
    """

    priority = 'VERY_LOW'  # after the hooks that may still write into the checkpoint

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Turn every log history into a pair of tensors (values, counts)."""
        hub = checkpoint['message_hub']
        hub['log_scalars'] = {name: buffer.data for name, buffer in hub['log_scalars'].items()}
        checkpoint['message_hub'] = _plain(hub)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Turn the pairs back into log histories."""
        if 'message_hub' not in checkpoint:
            return
        scalars = checkpoint['message_hub']['log_scalars']
        for name, (values, counts) in scalars.items():
            scalars[name] = HistoryBuffer(values.tolist(), counts.tolist())
