"""Metafiles: what is known of one method, in the format of MMPretrain's metafiles."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import yaml

from haresreid.files.paths import CONFIG_ROOT
from haresreid.files.text_files import read_text

__all__ = ['FROM_MEMORY', 'Metafile', 'read_metafiles']

INDEX = 'model-index.yml'
FROM_MEMORY = 'from memory, unverified'
COLLECTION_KEYS = ('Name', 'Paper', 'Official Code', 'From Memory', 'Differences', 'Code', 'Why So Long', 'Reported')
MODEL_KEYS = ('Name', 'In Collection', 'Config', 'Metadata', 'Results')


@dataclass(frozen=True)
class Metafile:
    """The metafile of one method.

    Attributes:
        path: The file.
        collection: A dict with ``Name``; ``Paper`` (Title, Venue, URL) and ``Official Code`` (URL, License, and
            Converter, the name of its checkpoints in ``tools/converters/convert.py``), if there are any;
            ``From Memory``, what nobody has looked up; ``Differences`` from the official code or the paper; ``Code``,
            the files that came with this method, without its leaf configs; ``Why So Long``, if these together have more
            than 200 lines; and ``Reported``, published figures in percent as entries of Dataset, Source and Metrics.
            Entries of one Dataset share a table, so figures that cannot be compared need two names.
        models: A dict per config with ``Name``, ``In Collection`` and ``Config``. ``Metadata`` holds the costs of a
            full-size model, and ``Results`` our own figures: Metrics in percent, Spread (the standard deviation over
            Seeds), Command.
    """

    path: Path
    collection: dict
    models: list[dict]

    @property
    def name(self) -> str:
        return self.collection['Name']

    @property
    def as_described(self) -> bool:
        """Whether the method follows a text alone, since no code of its authors was found."""
        return 'Paper' in self.collection and 'Official Code' not in self.collection

    def text(self) -> str:
        """The file's content in the layout that :meth:`save` writes."""
        content = {'Collections': [self.collection], 'Models': self.models}
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)

    def save(self) -> None:
        """Write the file."""
        self.path.write_text(self.text(), encoding='utf-8')


def read_metafiles(index: Path = CONFIG_ROOT / INDEX) -> list[Metafile]:
    """Read the metafiles that an index imports, in its order.

    Args:
        index (Path): Defaults to the ``model-index.yml`` that comes with haresreid.

    Raises:
        FileNotFoundError: If the index imports a file that does not exist.
        ValueError: If a metafile has an unknown key, lacks a key, or names a model of another collection.
    """
    return [_read(index.parent / name) for name in _load(index, 'Import')['Import']]


def _read(path: Path) -> Metafile:
    if not path.is_file():
        raise FileNotFoundError(f'{INDEX} imports {path}, which is not there')
    content = _load(path, 'Collections', 'Models')
    if len(content['Collections']) != 1:
        raise ValueError(f'{path} holds {len(content["Collections"])} collections: a metafile is of one')
    (collection,) = content['Collections']
    metafile = Metafile(path, collection, content['Models'])
    _check(collection, COLLECTION_KEYS, ('Name', 'Code'), path)
    for model in metafile.models:
        _check(model, MODEL_KEYS, ('Name', 'In Collection', 'Config'), path)
        if model['In Collection'] != metafile.name:
            raise ValueError(
                f'{path}: {model["Name"]} is in the collection {model["In Collection"]!r}, not in '
                f'{metafile.name!r}, the only one of this file'
            )
    return metafile


def _load(path: Path, *keys: str) -> dict[str, list]:
    """Read a YAML file that holds a list under each of these keys."""
    try:
        content = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        raise ValueError(
            f'{path}{f", line {mark.line + 1}" if mark else ""}: this is no YAML ({getattr(error, "problem", error)})'
        ) from None
    for key in keys:
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise ValueError(f'{path} has no list {key!r}')
    return content


def _check(node: dict, known: tuple[str, ...], needed: tuple[str, ...], path: Path) -> None:
    for key in node:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise ValueError(
                f'{path}: unknown key {key!r}: '
                + (f'did you mean {near[0]!r}?' if near else f'there are {", ".join(known)}')
            )
    for key in needed:
        if key not in node:
            raise ValueError(f'{path}: {node.get("Name", "an entry")} has no {key!r}')
