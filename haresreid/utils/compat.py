"""Everything haresreid does only because of a released MMEngine: one shim each, with the release that removes it."""

import pickle
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader

from .cpu_sync_batch_norm import CPUSyncBatchNorm

__all__ = ['init_cpu_distributed', 'load_from_http', 'load_from_local']


# mmengine <= 0.10.7 calls torch.load without weights_only, so whether a checkpoint may execute code depends on the torch
# release (https://github.com/open-mmlab/mmengine/issues/1655); its next release passes weights_only=False. Here it
# never may. Remove once MMEngine loads with weights_only=True by itself.
@CheckpointLoader.register_scheme(prefixes='', force=True)
def load_from_local(filename: str, map_location=None) -> dict:
    """Load a local checkpoint that holds tensors and plain values only.

    Args:
        filename (str): The checkpoint file.
        map_location: As in :func:`torch.load`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged, or holds Python objects that would execute code.
    """
    path = Path(filename).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'no checkpoint at {path}: give the path of a .pth file')
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f'{path} holds Python objects beside its tensors, and haresreid executes no code from a '
                         "checkpoint: save it again as {'state_dict': ..., 'meta': ...} where it was made") from error
    except (RuntimeError, EOFError) as error:
        raise ValueError(f'{path} cannot be read as a checkpoint ({error}): it is damaged or was cut off while being '
                         'written; use an earlier one') from error


@CheckpointLoader.register_scheme(prefixes=('http://', 'https://'), force=True)
def load_from_http(filename: str, map_location=None) -> dict:
    """Download a checkpoint into torch's cache and load it under the same rule."""
    return torch.hub.load_state_dict_from_url(filename, map_location=map_location, weights_only=True)


# mmengine <= 0.10.7 assumes CUDA in a distributed run: init_dist calls torch.cuda.set_device, and the Runner passes a
# device id to DistributedDataParallel. Remove once it looks for a device first. torch <= 2.14 has no SyncBatchNorm for
# the CPU, which `sync_bn='torch'` in a config asks for.
def init_cpu_distributed(cfg: Config) -> None:
    """Join the gloo process group that :func:`set_rank_variables` prepared; have the Runner wrap the model for the CPU."""
    torch.distributed.init_process_group('gloo')
    torch.nn.modules.batchnorm.SyncBatchNorm = CPUSyncBatchNorm  # where MMEngine looks for it
    cfg.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False))
