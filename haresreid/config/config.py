"""Reading a config, finding wrong keys in it before anything is built, and hashing it to tell configs apart."""

import argparse
import difflib
import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from mmengine.config import Config, DictAction
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from haresreid.files.paths import CONFIG_ROOT, expand_home

from .classes import class_of, parameters_of
from .implied import fill_in_implied
from .normalization import refuse_other_normalization
from .older_forms import explain_losses, translate
from .shipped_bases import explain_base  # MMEngine then also finds bases that come with haresreid

__all__ = ['config_hash', 'image_size', 'load_config', 'read_overrides', 'stated_image_size']

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
# Keys that MMEngine removes from a node before it calls the node's class.
TAKEN_OFF = {
    'dataloader': {
        'type',
        'dataset',
        'sampler',
        'batch_sampler',
        'collate_fn',
        'worker_init_fn',
        'num_batch_per_epoch',
    },
    'optim_wrapper': {'constructor', 'paramwise_cfg'},
    'losses': {'feature', 'features', 'gather', 'weight'},
    'train_cfg': {'by_epoch'},
    'param_scheduler': {'convert_to_iter_based'},
}
TYPE_NAMES = {bool: 'True or False', int: 'a whole number', float: 'a number', str: 'text'}
# Where a run reads and writes and what it logs, which do not change the result. The data have their own fingerprint.
NOT_THE_RECIPE = {
    '': {
        'env_cfg',
        'experiment_name',
        'launcher',
        'load_from',
        'log_level',
        'log_processor',
        'resume',
        'visualizer',
        'work_dir',
    },
    'backbone': {'checkpoint_stages'},
    'dataset': {'cache_dir', 'data_root', 'split'},
    **{f'{subset}_dataloader': {'collate_fn'} for subset in ('train', 'val', 'test')},
    'default_hooks': {
        'branches',
        'checkpoint',
        'collapse',
        'iteration_seed',
        'logger',
        'non_finite',
        'timer',
        'visualization',
        'throughput',
        'unreadable_images',
    },
    'optim_wrapper': {'constructor'},
    'optimizer': {'foreach', 'fused'},
}


def load_config(path: str, overrides: dict | None = None) -> Config:
    """Read a config file, apply command-line overrides, refuse unknown keys, and fill in implied values.

    The file is code and is executed. Use :func:`haresreid.config.config_data.read_config_data` for the config that a
    run has left. In the file and in the overrides, text that begins with ``~`` is a path in the home folder.

    Args:
        path (str): The config file.
        overrides (dict, optional): ``{'optim_wrapper.optimizer.lr': 0.02}``. None in the place of a loss removes it,
            and with it the losses that stand ``beside`` it.
            ``variant`` names the modified config: it and its runs are called ``<file>_<variant>``.

    Raises:
        FileNotFoundError: If there is no such config; the message lists those in the same folder.
        ValueError: If the file is not a config; a key is unknown, in which case the message names its place and the
            nearest known key; a value has the wrong type; a variant is applied to a variant; the batch size or the
            number of classes contradicts the training set; or images are normalised otherwise than the pretrained
            weights want.
    """
    path = expand_home(path)
    file = Path(path)
    if not file.is_file():
        if (CONFIG_ROOT / path).is_file():
            raise FileNotFoundError(
                f'no config file at {path}; the one that comes with haresreid is {CONFIG_ROOT / path}'
            )
        beside = sorted(other.name for other in file.parent.glob('*.py')) if file.parent.is_dir() else []
        near = difflib.get_close_matches(file.name, beside, n=1)
        hint = (
            f'; did you mean {file.parent / near[0]}?'
            if near
            else f'; {file.parent} holds {", ".join(beside) or "none"}'
        )
        raise FileNotFoundError(f'no config file at {path}{hint}')
    if file.suffix != '.py':  # MMEngine's YAML reader would also execute code, although YAML looks like data
        raise ValueError(f'{path} is no config: a config of haresreid is a .py file')
    try:
        cfg = Config.fromfile(path)
        list(_values_of('type', dict(cfg.items())))  # an import is carried out when its name is first looked at
    except Exception as error:  # a config is Python code, which can raise anything
        if found := explain_losses(error) or explain_base(file, error):
            raise ValueError(f'{path} {found}') from error
        what = str(error).strip().splitlines() or ['no message']
        raise ValueError(f'{path} cannot be read as a config ({type(error).__name__}: {what[0]})') from error
    translate(cfg)
    overrides = overrides or {}
    _refuse_unknown_top_level(cfg, overrides)
    if 'variant' in overrides:
        _name_variant(cfg, file, overrides)
        overrides = {_end_of_schedule(cfg, key): value for key, value in overrides.items()}
    losses = {name for node in _values_of('losses', cfg.get('model')) for name in node}
    try:
        cfg.merge_from_dict(overrides)
    except Exception as error:  # MMEngine fails in many ways on lists and on values that are not dicts
        raise ValueError(
            f'--cfg-options {" ".join(overrides)} cannot be written into {path} ({str(error).split(". ")[0]})'
        ) from error
    _remove_losses(cfg, losses)
    _pair_losses(cfg, losses)
    if 'model' not in cfg:
        raise ValueError(f'{path} has no model: give the config of a training, such as configs/haresformer_synth.py')
    _expand_paths(cfg)
    _refuse_untyped(cfg)
    for place, node, parameters, extra in _typed_nodes(cfg):
        for key, value in node.items():
            if key not in parameters and key not in extra:
                below = [f'{part}.{key}' for part, _, taken, _ in _typed_nodes(node) if part and key in taken]
                known = {*parameters, *extra} - {'type', '_scope_'}
                hint = f'did you mean {below[0]!r}?' if below else _nearest(key, known)
                raise ValueError(f'unknown config key {key!r} in {place}: {hint}')
            if key in parameters and (wanted := _wanted(parameters[key], value)):
                raise ValueError(f'{place}.{key} must be {wanted}, not {value!r}')
    fill_in_implied(cfg)
    refuse_other_normalization(cfg)
    return cfg


def read_overrides(options: Sequence[str]) -> dict:
    """Parse ``--cfg-options`` for :func:`load_config`; MMEngine's parser reads values such as ``x=(1,2)``.

    Args:
        options (Sequence[str]): ``KEY=VALUE``; the last of equal keys wins.

    Raises:
        ValueError: If the brackets of a value do not match, it holds a call such as ``dict()``, or ``variant`` is
            overridden, which would only rename the run.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument('options', nargs='*', action=DictAction)
    try:
        overrides = parser.parse_args(['--', *options]).options or {}
    except AssertionError as error:
        raise ValueError(f'--cfg-options {" ".join(options)}: {error}') from None
    except RecursionError:  # MMEngine's parser never ends on brackets behind a name
        raise ValueError(
            f'--cfg-options {" ".join(options)}: a value is a number, a word, or a list of such; write a dict entry by '
            'entry (model.head.type=BNNeckHead), or in a config'
        ) from None
    if 'variant' in overrides:
        raise ValueError(
            f'--cfg-options variant={overrides["variant"]} would only rename the run: a variant has its own option'
        )
    return overrides


def config_hash(cfg: Config) -> str:
    """First 16 hexadecimal digits of a SHA-256 over what determines the result of a run.

    The hash covers the model, the pipelines, the schedule, the seed, the protocols and the feature. It does not cover
    where data, weights and output are (a file counts by its name), nor what is logged, nor RegDB's split: ten models of
    one recipe have the same hash. A dumped config has the hash of the config that it was dumped from.

    Args:
        cfg (Config): A config of :class:`mmengine.runner.Runner`.
    """
    read = {key: value for key, value in cfg.to_dict().items() if key in _runner_keys()}
    return hashlib.sha256(json.dumps(_recipe(read), sort_keys=True, default=str).encode()).hexdigest()[:16]


def image_size(cfg: Config) -> tuple[int, int]:
    """(Height, width) of a config's images: see :func:`stated_image_size`; without a statement 288 x 144.

    Args:
        cfg (Config): A config with a model.

    Raises:
        ValueError: If the stated size is not a pair.
    """
    return stated_image_size(cfg) or (288, 144)


def stated_image_size(cfg: Config) -> tuple[int, int] | None:
    """The (height, width) that a config states in its backbone, its training's crop, or its test images' size.

    Args:
        cfg (Config): A config with a model.

    Raises:
        ValueError: If the stated size is not a pair.
    """
    crops = _values_of('crop_size', cfg.get('train_dataloader'))
    resized = (size for size in _values_of('size', cfg.get('test_dataloader')) if isinstance(size, (list, tuple)))
    size = cfg.model.backbone.get('img_size') or next(chain(crops, resized), None)
    if size is None:
        return None
    if not isinstance(size, (list, tuple)) or len(size) != 2:
        raise ValueError(f'model.backbone.img_size must be (height, width), not {size!r}')
    return tuple(size)


def _name_variant(cfg: Config, file: Path, overrides: dict) -> None:
    variant = overrides['variant']
    if 'variant' in cfg:
        raise ValueError(f'{file} is the variant {cfg.variant} already: give the config that it was made from')
    if not any('aux' in losses for losses in _values_of('losses', cfg.get('model'))):
        raise ValueError(
            f'the variant {variant} does not fit {file}: variants change the whole HAResformer, which has a loss aux'
        )
    num_stages = len(cfg.model.head.get('stage_channels', range(4)))
    supervised = overrides.get('model.criterion.losses.aux.feature', [])
    if f'cls_{num_stages + 1}' in supervised:
        raise ValueError(
            f'the variant {variant} does not fit {file}: it supervises {", ".join(supervised)}, and this model has '
            f'{num_stages} stages'
        )
    object.__setattr__(cfg, '_filename', str(file.with_stem(f'{file.stem}_{variant}')))  # Config has no setter


def _end_of_schedule(cfg: Config, key: str) -> str:
    """Where a loss comes in by a schedule, a variant's weight is the one that the schedule ends with."""
    node = cfg
    for part in key.split('.'):
        node = node.get(part) if isinstance(node, (dict, Config)) else None
    return f'{key}.to' if key.endswith('.weight') and isinstance(node, dict) and 'to' in node else key


def _remove_losses(cfg: Config, before: set[str]) -> None:
    """Remove the losses that the overrides set to None; refuse overrides of a loss that does not exist."""
    for losses in _values_of('losses', cfg.get('model')):
        for name, loss in list(losses.items()):
            if name not in before and (loss is None or 'type' not in loss):
                raise ValueError(f'{cfg.filename} has no loss {name!r} to change: {_nearest(name, before)}')
            if loss is None:
                del losses[name]


def _pair_losses(cfg: Config, before: set[str]) -> None:
    """Give a loss that stands ``beside`` another the other's features; remove it where the other was removed."""
    for losses in _values_of('losses', cfg.get('model')):
        for name, loss in list(losses.items()):
            if not isinstance(loss, dict) or (other := loss.pop('beside', None)) is None:
                continue
            if other in losses:
                loss.setdefault('feature', losses[other].get('feature'))
            elif other in before:
                del losses[name]
            else:
                raise ValueError(f'loss {name!r} stands beside {other!r}, which is none: {_nearest(other, before)}')


def _refuse_untyped(cfg: Config) -> None:
    """Refuse a part, a hook, a loss or a weight's schedule that is no dict with a type, of which MMEngine says less."""
    inner = [f'{loader}.{part}' for loader in LOADERS for part in ('dataset', 'sampler')]
    for place in ('model', 'model.backbone', 'model.head', 'model.criterion', 'default_hooks', *LOADERS, *inner):
        node = cfg
        for key in place.split('.'):
            node = (node or {}).get(key)
        if not isinstance(node, dict) and (node is not None or place == 'model'):
            raise ValueError(f'{place} must be a dict, not {node!r}')
    hooks = {f'default_hooks.{name}': hook for name, hook in (cfg.get('default_hooks') or {}).items()}
    criterion = cfg.model.get('criterion') or {}
    losses = {f'model.criterion.losses.{name}': loss for name, loss in (criterion.get('losses') or {}).items()}
    weights = {
        f'{place}.weight': loss['weight']
        for place, loss in losses.items()
        if isinstance(loss, dict) and isinstance(loss.get('weight'), dict)
    }
    for place, node in (hooks | losses | weights).items():
        if not (isinstance(node, dict) and 'type' in node) and not (node is None and place in hooks):
            raise ValueError(f'{place} must be a dict with a type, not {node!r}')


def _expand_paths(node: Any) -> None:
    """Replace ``~`` by the home folder in every text below a node."""
    for key, value in list(node.items() if isinstance(node, (dict, Config)) else enumerate(node)):
        if isinstance(value, str) and value.startswith('~'):
            node[key] = expand_home(value)
        elif isinstance(value, (dict, list)):
            _expand_paths(value)


def _values_of(key: str, node: Any) -> Iterator[Any]:
    """The values of a key anywhere below a node."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ()):
        if name == key:
            yield value
        yield from _values_of(key, value)


def _recipe(node: Any, place: str = '') -> Any:
    if isinstance(node, dict):
        return {key: _recipe(value, key) for key, value in node.items() if key not in NOT_THE_RECIPE.get(place, ())}
    if isinstance(node, (list, tuple)):
        return [_recipe(value, '[]') for value in node]
    return re.split(r'[/\\]', node)[-1] if isinstance(node, str) else node


def _nearest(key: str, known: set[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f'did you mean {near[0]!r}?' if near else f'it takes {", ".join(sorted(known))}'


def _refuse_unknown_top_level(cfg: Config, overrides: dict) -> None:
    """Refuse misspelt Runner arguments and unknown overrides; other top-level names of a file are helper variables."""
    runner_keys = _runner_keys()
    for key in cfg:
        near = difflib.get_close_matches(key, runner_keys, n=1, cutoff=0.85)
        if key not in runner_keys and near and not callable(cfg[key]):  # imported classes are among the keys
            raise ValueError(f'unknown config key {key!r} at the top of {cfg.filename}: did you mean {near[0]!r}?')
    for path in overrides:
        key = path.split('.')[0]
        if key not in cfg and key not in {*runner_keys, 'variant'}:
            raise ValueError(f'unknown config key {path!r} in --cfg-options: {_nearest(key, runner_keys | set(cfg))}')


def _runner_keys() -> set[str]:
    return set(parameters_of(Runner)) | {'find_unused_parameters', 'sync_bn'}


def _wanted(parameter: inspect.Parameter, value: object) -> str:
    """What the value should be, if its type contradicts a plain annotation or, without one, a numeric default."""
    choice = get_origin(parameter.annotation) in (Union, UnionType)
    kinds = set(get_args(parameter.annotation)) if choice else {parameter.annotation}
    if get_origin(parameter.annotation) is tuple:
        return _wanted_items(get_args(parameter.annotation), value)
    if parameter.annotation is parameter.empty and type(parameter.default) in (bool, float):
        kinds = {type(parameter.default)}
    if (
        not kinds <= {*TYPE_NAMES, type(None), Tensor}
        or type(value) in kinds
        or (float in kinds and type(value) is int)
    ):
        return ''
    return ' or '.join(name for kind, name in TYPE_NAMES.items() if kind in kinds)


def _wanted_items(kinds: tuple, value: object) -> str:
    """The same for an annotation such as ``tuple[int, ...]``; a list will do as well."""
    if len(kinds) != 2 or kinds[1] is not Ellipsis or kinds[0] not in TYPE_NAMES:
        return ''
    if isinstance(value, (list, tuple)) and all(
        type(item) is kinds[0] or (kinds[0] is float and type(item) is int) for item in value
    ):
        return ''
    return f'a list, each {TYPE_NAMES[kinds[0]]}'


def _typed_nodes(node: Any, place: str = '') -> Iterator[tuple[str, dict, dict[str, inspect.Parameter], set[str]]]:
    """Every dict below ``node`` that is passed to a class: (place, dict, the class's parameters, further keys)."""
    if isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _typed_nodes(item, f'{place}[{index}]')
    if not isinstance(node, (dict, Config)):
        return
    name = place.rsplit('.', 1)[-1].split('[')[0]
    if name in LOADERS:
        yield place, node, parameters_of(DataLoader), TAKEN_OFF['dataloader']
    elif 'type' in node and (target := class_of(node['type'])) is not None:
        parent = place.split('.')[-2] if place.count('.') else ''
        # the parent of a loss, and of one of several optimizer wrappers
        extra = TAKEN_OFF.get(name, set()) | (TAKEN_OFF[parent] if parent in ('losses', 'optim_wrapper') else set())
        yield place, node, parameters_of(target), extra | {'type', '_scope_'}
    for key, value in node.items():
        yield from _typed_nodes(value, f'{place}.{key}' if place else key)
