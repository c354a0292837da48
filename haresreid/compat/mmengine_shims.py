"""Shims for released versions of MMEngine, each with the condition under which it can be removed."""

from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader

from haresreid.files.checkpoint_file import read_checkpoint

from .cpu_sync_batch_norm import CPUSyncBatchNorm

__all__ = ['init_cpu_distributed', 'load_from_http', 'load_from_local']


# mmengine <= 0.10.7 calls torch.load without weights_only, so whether a checkpoint may execute code depends on the
# torch release (https://github.com/open-mmlab/mmengine/issues/1655); its next release passes weights_only=False. Here
# it never may. Remove once MMEngine loads with weights_only=True by itself.
@CheckpointLoader.register_scheme(prefixes='', force=True)
def load_from_local(filename: str, map_location=None) -> dict:
    """Load a local checkpoint through :func:`read_checkpoint`."""
    return read_checkpoint(filename, map_location)


@CheckpointLoader.register_scheme(prefixes=('http://', 'https://'), force=True)
def load_from_http(filename: str, map_location=None) -> dict:
    """Download a checkpoint into torch's cache, unless it is already there, and load it under the same rules."""
    cached = Path(torch.hub.get_dir(), 'checkpoints', Path(urlparse(filename).path).name)
    if not cached.is_file():
        cached.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(filename, str(cached))
        except OSError as error:  # URLError and HTTPError are OSErrors
            raise FileNotFoundError(
                f'{filename} cannot be downloaded ({error}): put {cached.name} into {cached.parent}, or give its path'
            ) from error
    return read_checkpoint(cached, map_location)


# mmengine <= 0.10.7 assumes CUDA in a distributed run: init_dist calls torch.cuda.set_device, and the Runner passes a
# device id to DistributedDataParallel. Remove once it looks for a device first. torch <= 2.14 has no SyncBatchNorm for
# the CPU, which `sync_bn='torch'` in a config asks for.
def init_cpu_distributed(cfg: Config) -> None:
    """Join the gloo group that :func:`set_rank_variables` prepared, and make the Runner wrap the model for the CPU."""
    torch.distributed.init_process_group('gloo')
    torch.nn.modules.batchnorm.SyncBatchNorm = CPUSyncBatchNorm  # where MMEngine looks for it
    cfg.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
