"""Differences between a config and its base."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config
from mmengine.runner import Runner

from haresreid.files.text_files import read_text

__all__ = ['ConfigChange', 'diff_configs', 'load_base']

# Keys that a runner reads, without helper variables of a file and without what the tools write into every run.
ENTRIES = {*inspect.signature(Runner).parameters, 'find_unused_parameters', 'sync_bn'} - {'launcher', 'work_dir'}
# Marks a missing entry, because None may be a value.
ABSENT = object()


class ConfigChange(NamedTuple):
    """One entry that differs.

    Attributes:
        key: Path of the entry. An entry in a list of typed dicts is named by its class: ``hooks[SyncBuffersHook]``.
        old: Value in the base, None if it has no such entry.
        new: Value in the other config.
    """

    key: str
    old: str | None
    new: str | None


def load_base(config: str | Path) -> tuple[list[Path], dict]:
    """Load the base of a config: all that it takes over with ``read_base``, before its own lines.

    Args:
        config (str | Path): A config as it was written, not one that a run has dumped.

    Returns:
        tuple[list[Path], dict]: The base files and their entries; a later file overrides an earlier one. A config
        without a base is its own base.
    """
    file = Path(config)
    blocks = [node for node in ast.parse(read_text(file)).body if isinstance(node, ast.With)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    files, entries = [], {}
    for node in imports:
        files.append((file.parents[max(node.level, 1) - 1] / node.module.replace('.', '/')).with_suffix('.py'))
        names = {alias.name for alias in node.names}
        there = Config.fromfile(str(files[-1])).to_dict()  # a piece, which may have no model
        entries |= {key: value for key, value in there.items() if names & {'*', key}}
    return (files, entries) if files else ([file], Config.fromfile(str(file)).to_dict())


def diff_configs(old: dict, new: dict) -> list[ConfigChange]:
    """Compare two configs entry by entry, as far as a runner reads them.

    Args:
        old (dict): The base, with classes as strings (``Config.to_dict``).
        new (dict): The config, likewise.
    """
    old, new = (_named({key: config[key] for key in config if key in ENTRIES}) for config in (old, new))
    return list(_differences(old, new, ''))


def _named(node):
    """Turn lists of typed dicts into dicts keyed by class name, and classes into their names.

    The order of the names is kept as an entry of its own. A step inserted into a pipeline is then one change instead of
    a change in every later step.
    """
    if isinstance(node, dict):
        named = {key: _named(value) for key, value in node.items()}
        return {**named, 'type': str(named['type']).rsplit('.', 1)[-1]} if 'type' in named else named
    if not isinstance(node, (list, tuple)):
        return node
    items = [_named(item) for item in node]
    if not items or not all(isinstance(item, dict) and 'type' in item for item in items):
        return items
    names = []
    for item in items:
        number = 1 + sum(name.split('#')[0] == item['type'] for name in names)
        names.append(item['type'] if number == 1 else f'{item["type"]}#{number}')
    return {'': names} | {f'[{name}]': item for name, item in zip(names, items)}


def _differences(old, new, key: str) -> Iterator[ConfigChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            place = key + ('.' if key and name and not name.startswith('[') else '') + name
            yield from _differences(old.get(name, ABSENT), new.get(name, ABSENT), place)
    elif old != new:
        yield ConfigChange(key, *(None if value is ABSENT else _text(value) for value in (old, new)))


def _text(value) -> str:
    if isinstance(value, dict) and '' in value:
        return _text([item for name, item in value.items() if name])
    if isinstance(value, dict):
        # sorted as in a dump, so that one value has one text
        entries = ', '.join(f'{key}={_text(item)}' for key, item in sorted(value.items()) if key != 'type')
        return f'{value["type"]}({entries})'.removesuffix('()') if 'type' in value else f'({entries})'
    if isinstance(value, list):
        return f'[{", ".join(map(_text, value))}]'
    return value if isinstance(value, str) else repr(value)
