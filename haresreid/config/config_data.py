"""Reading the config in a run's folder as data, without executing anything in it."""

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from mmengine import registry as mmengine_registry
from mmengine.config import Config

from haresreid import registry

from .older_forms import translate

__all__ = ['read_config_data', 'refuse_foreign']

# The parts that are built from such a config, and their registries.
BUILT = ('model', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'val_evaluator', 'test_evaluator')
REGISTRIES = ('MODELS', 'DATASETS', 'DATA_SAMPLERS', 'TRANSFORMS', 'FUNCTIONS', 'METRICS', 'PROTOCOLS')
# those of what else a run is built from, which MMEngine and PyTorch also have parts for
ENGINE = (
    'HOOKS',
    'LOG_PROCESSORS',
    'LOOPS',
    'OPTIMIZERS',
    'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS',
    'PARAM_SCHEDULERS',
    'VISBACKENDS',
    'VISUALIZERS',
)
# MMEngine's parts that send what they are given to a server
SENDING = (
    'AimVisBackend',
    'ClearMLVisBackend',
    'DVCLiveVisBackend',
    'MLflowVisBackend',
    'NeptuneVisBackend',
    'WandbVisBackend',
)
NAMING = ('type', '_scope_', 'constructor')  # the keys whose values name code
IMPORTING = ('_base_', 'custom_imports', 'runner_type', 'strategy')  # the entries by which MMEngine finds more
# the parts of another package that configs name in full
FOREIGN = (
    'mmengine.dataset.DefaultSampler',
    'mmengine.model.KaimingInit',
    'mmengine.model.NormalInit',
    'mmpretrain.datasets.ColorJitter',
    'mmpretrain.engine.SwitchRecipeHook',
)


def read_config_data(path: str | Path) -> Config:
    """Read the config of a run as MMEngine dumps it: assignments of numbers, texts, lists and ``dict(...)``.

    A config is code, and a run's folder may come from somebody else. No foreign code runs here: the file itself is not
    executed, and a ``type`` that is not part of haresreid is refused.

    Args:
        path (str | Path): The file.

    Returns:
        Config: The same as from ``Config.fromfile``; keys are not checked.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds anything else, or a ``type`` from elsewhere.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'no config file at {path}')
    try:
        entries = dict(_assignment(line) for line in ast.parse(path.read_text(encoding='utf-8')).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # UnicodeDecodeError is a ValueError
        raise ValueError(
            f'{path} is not read, because it is no plain dump of a config ({_reason(error)}), and code in '
            'the folder of a run is not executed'
        ) from error
    translate(entries)
    for name in BUILT:
        for kind in _named(entries.get(name)):
            if not _is_part(kind):
                raise ValueError(
                    f'{path} is not read, because it names {kind!r}, which is no part of haresreid, as a '
                    'type, and nothing else is built from the folder of a run'
                )
    try:
        return Config(entries, filename=str(path))
    except KeyError as error:  # a name that MMEngine reserves
        raise ValueError(f'{path} is not read, because it is no plain dump of a config ({error})') from error


def refuse_foreign(cfg: Config) -> None:
    """Refuse a config that would run foreign code when it is used as one: in a training, or by ``haresreid test``.

    MMEngine imports and calls whatever a ``type`` names, a hook's as a model's, and fills templates into the text of
    a file before it is executed. So every type must be a part of haresreid, or one that MMEngine and PyTorch have for
    a run, and nothing may be inherited, imported or filled in.

    Args:
        cfg (Config): From :func:`read_config_data`.

    Raises:
        ValueError: If there is such an entry.
    """
    entries = cfg.to_dict()
    found = next((repr(name) for name in IMPORTING if entries.get(name)), None)
    found = found or next((repr(text) for text in _texts(entries) if '{{' in text), None)
    found = found or next((repr(kind) for kind in _named(entries) if not (_is_part(kind) or _is_engine(kind))), None)
    if not found and entries.get('default_scope', 'haresreid') != 'haresreid':
        found = f'default_scope={entries["default_scope"]!r}'
    if found:
        raise ValueError(
            f'{cfg.filename} has {found}, by which it could run code that is no part of haresreid: a config from '
            'elsewhere names only parts of haresreid, and those that MMEngine and PyTorch have for a run'
        )


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _assignment(line: ast.stmt) -> tuple[str, object]:
    if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
        return line.targets[0].id, _value(line.value)
    raise ValueError(f'line {line.lineno} is no assignment')


def _value(node: ast.expr) -> Any:
    """Evaluate a literal, or a call of ``dict`` with keywords or (if a key is no identifier) with a literal dict."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == 'dict'
        and all(isinstance(item, ast.Dict) for item in node.args)
        and all(keyword.arg for keyword in node.keywords)
    ):
        entries = [_value(item) for item in node.args] + [{word.arg: _value(word.value) for word in node.keywords}]
        return {key: value for part in entries for key, value in part.items()}
    if isinstance(node, ast.Dict) and all(node.keys):
        return {ast.literal_eval(key): _value(value) for key, value in zip(node.keys, node.values) if key}
    if isinstance(node, (ast.List, ast.Tuple)):
        return (list if isinstance(node, ast.List) else tuple)(_value(item) for item in node.elts)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        raise ValueError(f'line {node.lineno} holds code') from None


def _named(node: object, keys: tuple[str, ...] = NAMING) -> Iterator[Any]:
    """Every value of these keys: a ``_scope_`` would make MMEngine look for a type in another package."""
    if isinstance(node, dict):
        yield from (node[key] for key in keys if key in node)
    for item in _items(node):
        yield from _named(item, keys)


def _texts(node: object) -> Iterator[str]:
    """Every text, also of keys."""
    if isinstance(node, str):
        yield node
    for item in (*node, *node.values()) if isinstance(node, dict) else _items(node):
        yield from _texts(item)


def _items(node: object) -> Iterable:
    return node.values() if isinstance(node, dict) else node if isinstance(node, (list, tuple)) else ()


def _is_part(kind: object) -> bool:
    """Whether one of our registries has this type, or it is the short name of a PyTorch layer, such as 'BN'."""
    if kind in FOREIGN:
        return True
    for package in ('models', 'datasets', 'evaluation'):
        import_module(f'haresreid.{package}')  # importing the package registers its parts
    place, _, name = str(kind).rpartition('.')
    if not place:
        known = (getattr(registry, key).module_dict.get(name) for key in REGISTRIES)
        layer = registry.MODELS.parent.module_dict.get(name)
        return any(known) or (isinstance(layer, type) and layer.__module__.startswith('torch.nn.'))
    try:
        part = getattr(import_module(place), name, None) if place.startswith('haresreid.') else None
    except ImportError:
        return False
    return part is not None and any(part in getattr(registry, key).module_dict.values() for key in REGISTRIES)


def _is_engine(kind: object) -> bool:
    """Whether it is a part for a run, of haresreid, MMEngine or PyTorch."""
    for package in ('engine', 'visualization'):
        import_module(f'haresreid.{package}')
    known = [
        part
        for key in ENGINE
        for source in (mmengine_registry, registry)
        for part in getattr(getattr(source, key, None), 'module_dict', {}).items()
        if part[1].__module__.startswith(('haresreid.', 'mmengine.', 'torch.optim.')) and part[0] not in SENDING
    ]
    place, _, name = str(kind).rpartition('.')
    if not place:
        return any(name == short for short, _ in known)
    try:
        named = place.startswith(('haresreid.', 'mmengine.')) or place == 'torch.optim'
        part = getattr(import_module(place), name, None) if named else None
    except ImportError:
        return False
    return any(part is one for _, one in known)
