"""What the tools that run a model share: turning the command line into a config that runs on this machine."""

import errno
import importlib.util
import os
import re
import shutil
import sys
import traceback
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from mmengine import dist
from mmengine.config import Config, DictAction
from mmengine.model import is_model_wrapper
from mmengine.registry import build_from_cfg
from mmengine.runner import Runner

from haresreid.evaluation import PROTOCOL_NAMES, RERANKERS
from haresreid.registry import DATASETS, METRICS

from .compat import init_cpu_distributed
from .config import LOADERS, load_config
from .rank_variables import set_rank_variables

__all__ = [
    'CfgOptions', 'add_common_arguments', 'add_test_arguments', 'apply_common_arguments', 'at_least', 'check_data',
    'clear_errors', 'load_test_config', 'set_split', 'skip_initial_weights', 'use_amp'
]


class CfgOptions(DictAction):
    """``--cfg-options KEY=VALUE ...`` as MMEngine reads them, with a sentence about what is none."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        """Read them."""
        for text in values:
            if not text.partition('=')[0] or '=' not in text:
                parser.error(f'{option_string} takes KEY=VALUE, such as optim_wrapper.optimizer.lr=0.02, and not {text!r}')
        super().__call__(parser, namespace, values, option_string)


def at_least(minimum: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number from ``minimum`` up."""

    def read(text: str) -> int:
        if not text.isdigit() or int(text) < minimum:
            raise ArgumentTypeError(f'{text!r} is no number from {minimum} up')
        return int(text)

    return read


def add_common_arguments(parser) -> None:
    """Add the options that all of them take."""
    parser.add_argument('--data-root', help='folder of the data set, instead of the one in the config')
    parser.add_argument('--work-dir', help='folder for everything the run leaves; default: work_dirs/<config name>')
    parser.add_argument('--cfg-options', nargs='+', action=CfgOptions, default={}, metavar='KEY=VALUE',
                        help='override config entries, e.g. optim_wrapper.optimizer.lr=0.02')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')


def apply_common_arguments(cfg: Config, args) -> None:
    """Write them into the config, and join the process group that a launcher prepared."""
    if args.data_root is not None:
        for dataset in _datasets(cfg):
            dataset.data_root = args.data_root
    backend = dict(type='TensorboardVisBackend')
    if importlib.util.find_spec('tensorboard') and backend not in cfg.visualizer.vis_backends:
        cfg.visualizer.vis_backends.append(backend)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg.launcher = args.launcher
    if args.launcher != 'none':
        set_rank_variables(args.launcher)
        if not torch.cuda.is_available():
            init_cpu_distributed(cfg)


def add_test_arguments(parser) -> None:
    """Add the config, the options that say which feature is tested, and the common ones."""
    parser.add_argument('config', help='the config that the checkpoint was trained with')
    parser.add_argument('--feature', choices=['pre_bn', 'post_bn'], help='feature before or after the BNNeck')
    parser.add_argument('--flip', action='store_true', help='average the features of an image and its mirror image')
    parser.add_argument('--protocols', nargs='+', metavar='NAME',
                        help=f"instead of the config's; there are {', '.join(PROTOCOL_NAMES)}")
    parser.add_argument('--rand-perm-cam', metavar='FILE', help='the official rand_perm_cam.mat, for sysu/...-official')
    parser.add_argument('--rerank', nargs='+', choices=sorted(RERANKERS), help='also show re-ranked rows')
    add_common_arguments(parser)


def load_test_config(args) -> Config:
    """The config with these options written into it; what is not given stays as the file says."""
    cfg = load_config(args.config, args.cfg_options)
    apply_common_arguments(cfg, args)
    if args.feature:
        cfg.model.head.test_feature = args.feature
    if args.flip:
        cfg.model.flip_test = True
    if args.protocols:
        protocols = [dict(type='protocol_by_name', name=name, rand_perm_cam=args.rand_perm_cam) for name in args.protocols]
        for protocol in protocols:  # a wrong name or a missing file is found before the model is built
            METRICS.build(protocol)
        cfg.test_evaluator.protocols = protocols
    if args.rerank:
        cfg.test_evaluator.rerank = args.rerank
    return cfg


def set_split(cfg: Config, split: int) -> None:
    """Read another of RegDB's splits.

    Raises:
        ValueError: The config's data set has no splits.
    """
    for dataset in _datasets(cfg):
        if 'split' not in dataset:
            raise ValueError(f'split {split} is asked for, which is for RegDB; {cfg.filename} reads a data set without '
                             'splits')
        dataset.split = split


def _datasets(cfg: Config) -> Iterator[dict]:
    return (cfg[loader].dataset for loader in LOADERS if cfg.get(loader))


def check_data(cfg: Config, loaders: Iterable[str]) -> None:
    """Find missing data, and draw SynVI, before a model is built and anything written into the work directory."""
    # before the processes know each other, only the first may draw
    if not dist.is_distributed() and os.environ.get('RANK', '0') != '0':
        return
    for loader in loaders:
        names_alone = dict(pipeline=[], unreadable='raise', cache_dir=None)  # decodes no image
        DATASETS.build({key: names_alone.get(key, value) for key, value in cfg[loader].dataset.items()})


def skip_initial_weights(runner: Runner) -> None:
    """Draw and fetch no weights for the start of a training whose checkpoint brings every one."""
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    model.init_weights = lambda: None


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
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None or os.environ.get('HARESREID_TRACEBACK'):
            raise
        sys.exit(f'error: {sentence}')


def _sentence(error: Exception) -> str | None:
    """What to say about an error; None if it is a fault of the program, which needs the traceback."""
    # an error raised in a loader's worker arrives with the worker's traceback before its own last line
    message = re.sub(r'^[\w.]*Error: ', '', (str(error).strip().splitlines() or [''])[-1])
    if isinstance(error, OSError) and error.filename is not None:
        advice = ', so nothing can be written there: give another folder' if error.errno == errno.EROFS else ''
        return f'{error.filename}: {error.strerror}{advice}'
    if isinstance(error, (OSError, ValueError)):
        return message
    for told in (str(error.__cause__), message):  # the cause, if PyTorch gives it, knows the signal
        if told.startswith('DataLoader worker (pid'):
            return _lost_worker(told)
    if isinstance(error, KeyError) and 'is not in the' in message:  # what MMEngine says about a type that nobody knows
        return message.strip('"\'').split('. ')[0] + ': correct its type in the config'
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is build_from_cfg.__code__ and 'obj_cls' in frame.f_locals:
            return (f'{frame.f_locals["obj_cls"].__name__} cannot be built with what the config gives it '
                    f'({type(error).__name__}: {message}); HARESREID_TRACEBACK=1 shows where')
    return None


def _lost_worker(message: str) -> str:
    """What PyTorch says about a data loader's process that is gone, and the probable cause."""
    lower = 'lower train_dataloader.num_workers (--cfg-options train_dataloader.num_workers=1)'
    if 'Bus error' in message or 'shared memory' in message:
        free = f'{shutil.disk_usage("/dev/shm").free >> 20} MiB' if os.path.isdir('/dev/shm') else 'an unknown part'
        cause = (f'the shared memory is full ({free} of /dev/shm is free now): enlarge it (docker run --shm-size=8g, or '
                 f'mount -o remount,size=8g /dev/shm), or {lower}')
    elif 'Killed' in message:
        cause = f'memory ran out, and the system killed it (dmesg says so): {lower}, or use smaller batches'
    else:
        cause = ('memory ran out, or a library failed: --cfg-options train_dataloader.num_workers=0 shows the error '
                 f'itself; if memory it is, {lower}')
    return f'{message.split(". ")[0].rstrip(". ")}. Probably {cause}. A training goes on from its last checkpoint with --resume'
