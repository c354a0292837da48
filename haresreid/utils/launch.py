"""What tools/train.py and tools/test.py share: turning the command line into a config that runs on this machine."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.config import Config, DictAction

from .compat import init_cpu_distributed
from .config import LOADERS

__all__ = ['add_common_arguments', 'apply_common_arguments', 'clear_errors', 'use_amp']


def add_common_arguments(parser) -> None:
    """Add the options that both tools take."""
    parser.add_argument('--data-root', help='folder of the data set, instead of the one in the config')
    parser.add_argument('--split', type=int, help="RegDB's split, 1..10")
    parser.add_argument('--work-dir', help='folder for everything the run leaves; default: work_dirs/<config name>')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, metavar='KEY=VALUE',
                        help='override config entries, e.g. optim_wrapper.optimizer.lr=0.02')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')


def apply_common_arguments(cfg: Config, args) -> None:
    """Write them into the config, and join the process group when there is one to join on a CPU."""
    for loader in LOADERS:
        if not cfg.get(loader):
            continue
        dataset = cfg[loader].dataset
        if args.data_root is not None:
            dataset.data_root = args.data_root
        if args.split is not None:
            if 'split' not in dataset:
                raise ValueError(f'--split {args.split} is for RegDB; {args.config} reads a data set without splits')
            dataset.split = args.split
    backend = dict(type='TensorboardVisBackend')
    if importlib.util.find_spec('tensorboard') and backend not in cfg.visualizer.vis_backends:
        cfg.visualizer.vis_backends.append(backend)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg.launcher = args.launcher
    if args.launcher == 'pytorch' and not torch.cuda.is_available():
        init_cpu_distributed(cfg)


def use_amp(cfg: Config) -> None:
    """Train in mixed precision: fp16 with a loss scaler on a GPU, bfloat16 on a CPU."""
    if torch.cuda.is_available():
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    else:
        cfg.optim_wrapper.type = 'BF16OptimWrapper'


@contextmanager
def clear_errors() -> Iterator[None]:
    """End on one sentence instead of a traceback when the user's input is at fault.

    ``HARESREID_TRACEBACK=1`` shows the traceback all the same.
    """
    try:
        yield
    except (FileNotFoundError, ValueError) as error:
        if os.environ.get('HARESREID_TRACEBACK'):
            raise
        # an error raised in a loader's worker arrives with the worker's traceback before its own last line
        sys.exit(f'error: {str(error).strip().splitlines()[-1].removeprefix(f"{type(error).__name__}: ")}')
