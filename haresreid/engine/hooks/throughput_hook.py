"""Throughput, waiting time and memory in the log, to see whether a training uses the machine well."""

import os
from pathlib import Path

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['ThroughputHook']

STATM = Path('/proc/self/statm')  # exists on Linux only


@HOOKS.register_module()
class ThroughputHook(Hook):
    """Logs ``images_per_s``, ``data_wait`` and, on a CPU, ``memory``.

    ``images_per_s`` counts the images of all processes. ``data_wait`` is the share of the time, 0 to 1, that a step
    spends waiting for the data loader. Both are means over the same iterations as MMEngine's ``time`` and
    ``data_time``. ``memory`` is the resident memory of this process in MB; on a GPU MMEngine logs the peak allocation.
    """

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Hand the values to the logger."""
        hub = runner.message_hub
        seconds, waited = (
            hub.get_scalar(f'train/{name}').mean(runner.log_processor.window_size) for name in ('time', 'data_time')
        )
        hub.update_scalar('train/images_per_s', len(data_batch['inputs']) * dist.get_world_size() / seconds)
        hub.update_scalar('train/data_wait', waited / seconds)
        if not torch.cuda.is_available() and STATM.exists():
            pages = int(STATM.read_text(encoding='ascii').split()[1])
            hub.update_scalar('train/memory', pages * os.sysconf('SC_PAGE_SIZE') / 2**20)
