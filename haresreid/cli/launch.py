"""Shared by the tools that run a model: turning arguments into a config that runs on this machine."""

import importlib.util
import os
from collections.abc import Iterator, Mapping

import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from haresreid.compat.mmengine_shims import init_cpu_distributed
from haresreid.config.config import LOADERS, load_config, read_overrides
from haresreid.config.implied import implied_num_classes, set_num_classes
from haresreid.datasets.listing import list_only
from haresreid.engine.bare_model import bare_model
from haresreid.engine.screen import calm
from haresreid.registry import PROTOCOLS
from haresreid.reproduce.paper import variant_overrides

from .rank_variables import set_rank_variables

__all__ = [
    'apply_common_arguments',
    'count_classes',
    'load_asked_config',
    'load_test_config',
    'set_data_root',
    'set_split',
    'skip_initial_weights',
    'use_amp',
]


def apply_common_arguments(cfg: Config, args) -> None:
    """Write the common arguments into the config, join a launcher's process group, and keep details off the screen."""
    calm(MMLogger.get_current_instance())
    if args.data_root is not None:
        set_data_root(cfg, args.data_root)
    backend = dict(type='TensorboardVisBackend')
    if importlib.util.find_spec('tensorboard') and backend not in cfg.visualizer.vis_backends:
        cfg.visualizer.vis_backends.append(backend)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg.launcher = args.launcher
    if args.launcher != 'none':
        set_rank_variables(args.launcher)
        if not torch.cuda.is_available():
            init_cpu_distributed(cfg)


def load_asked_config(args) -> Config:
    """The config that a command line asks for: the file, then ``--variant``, then ``--cfg-options`` if it takes them.

    Raises:
        ValueError: See :func:`haresreid.config.config.load_config`; also if there is no such variant.
    """
    overrides = read_overrides(getattr(args, 'cfg_options', []))
    return load_config(args.config, {**variant_overrides(args.variant), **overrides})


def load_test_config(args) -> Config:
    """The config with these options written into it; everything else stays as in the file."""
    cfg = load_asked_config(args)
    apply_common_arguments(cfg, args)
    if args.feature:
        cfg.model.head.test_feature = args.feature
    if args.flip:
        cfg.model.flip_test = True
    if args.protocols:
        protocols = [
            dict(type='protocol_by_name', name=name, rand_perm_cam=args.rand_perm_cam) for name in args.protocols
        ]
        for protocol in protocols:  # reports a wrong name or a missing file before the model is built
            PROTOCOLS.build(protocol)
        cfg.test_evaluator.protocols = protocols
    if args.rerank:
        cfg.test_evaluator.rerank = args.rerank
    return cfg


def set_data_root(cfg: Config, data_root: str) -> None:
    """Read the data set in another folder.

    Raises:
        ValueError: If there are several data sets.
    """
    for dataset in _datasets(cfg):
        if 'datasets' in dataset:
            raise ValueError(
                f'{cfg.filename} trains on several data sets, and one folder is given: leave --data-root out, and '
                "state each set's data_root in the config"
            )
        dataset.data_root = data_root


def set_split(cfg: Config, split: int) -> None:
    """Read another of RegDB's splits.

    Raises:
        ValueError: If the config's data set has no splits.
    """
    for dataset in _datasets(cfg):
        if 'split' not in dataset:
            raise ValueError(
                f'split {split} is asked for, which is for RegDB; {cfg.filename} reads a data set without splits'
            )
        dataset.split = split


def _datasets(cfg: Config) -> Iterator[dict]:
    return (cfg[loader].dataset for loader in LOADERS if cfg.get(loader))


def count_classes(cfg: Config, listed: Mapping[str, BaseDataset]) -> None:
    """Give the classifier an output for each training identity, if their number follows only from listing the images.

    Args:
        cfg (Config): The config of a training.
        listed (Mapping[str, BaseDataset]): By loader, the subset that has already been listed.

    Raises:
        FileNotFoundError: If data are missing.
        ValueError: If the config states another number.
    """
    if implied_num_classes(cfg) is None:
        images = listed.get('train_dataloader') or list_only(cfg.train_dataloader.dataset)
        num_classes = images.metainfo.get('num_classes')
        if num_classes is not None:
            set_num_classes(cfg, num_classes)


def skip_initial_weights(runner: Runner) -> None:
    """Neither initialise nor download weights for a training whose checkpoint provides all of them."""
    model = bare_model(runner)
    model.init_weights = lambda: None


def use_amp(cfg: Config) -> None:
    """Train in mixed precision: fp16 with a loss scaler on a GPU, bfloat16 on a CPU and with several optimizers."""
    if 'optimizer' not in cfg.optim_wrapper:  # a loss scaler each would scale what they share differently
        for wrapper in cfg.optim_wrapper.values():
            if isinstance(wrapper, dict):
                wrapper.type = 'BF16OptimWrapper'
    elif torch.cuda.is_available():
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    else:
        cfg.optim_wrapper.type = 'BF16OptimWrapper'
