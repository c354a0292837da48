"""The manifest of an index: how much of each file is valid. It may be damaged, and may come from anybody."""

import json
import re
from pathlib import Path

from haresreid.choices import INDEX_KINDS as KINDS

from .columns import check_columns

__all__ = [
    'DAMAGED',
    'FORMAT',
    'MANIFEST',
    'MANIFEST_BYTES',
    'NUMBERS',
    'WITHOUT_CHECKSUMS',
    'WITHOUT_COLUMNS',
    'check_manifest',
    'parse_manifest',
]

FORMAT = 3
WITHOUT_COLUMNS = 2  # tracks and columns of its own came later
WITHOUT_CHECKSUMS = 1  # the format of release 0.1
MANIFEST = 'index.json'
MANIFEST_BYTES = 2**24  # a manifest has some hundred bytes, plus the stored info
DAMAGED = 'the index is damaged, restore it from a copy or build it anew'

# each with its range
NUMBERS = dict(
    dim=(1, 2**24),
    version=(0, 2**63),
    generation=(1, 999_999),
    rows=(0, 2**40),
    path_bytes=(0, 2**60),
    deleted=(0, 2**40),
    next_id=(0, 2**63),
)
SUMMED = ('rows.bin', 'paths.utf8', 'deleted.i8', 'sums.u4')
STRUCTURE = dict(rows=(1, 2**40), bytes=(1, 2**60), sum=(0, 2**64 - 1))


def parse_manifest(text: bytes, path: Path) -> dict:
    """Parse and check a manifest.

    Args:
        text (bytes): The content of the file.
        path (Path): The file, for messages.

    Returns:
        dict: ``format``, ``dim``, ``kind``, ``info``, ``columns``, ``version``, ``generation``, ``rows``,
        ``path_bytes``, ``deleted``, ``next_id``, ``structures``. Earlier formats have no ``columns``, and that of
        release 0.1 has no ``crc32``, which the others have.

    Raises:
        ValueError: If it has another format, or values that no writer produces.
    """
    try:
        manifest = json.loads(text)
        known = manifest['format'] in (WITHOUT_CHECKSUMS, WITHOUT_COLUMNS, FORMAT)
    except (KeyError, TypeError, ValueError, RecursionError):
        known = False
    if not known:
        raise ValueError(
            f'{path} is not that of an index of format {WITHOUT_CHECKSUMS} to {FORMAT}, which this release reads'
        )
    check_manifest(manifest, path)
    return manifest


def check_manifest(manifest: dict, path: Path) -> None:
    """Refuse a manifest with impossible values, before it is written or after it is read.

    Raises:
        ValueError: If a value is one that no writer produces.
    """
    try:
        _check(manifest)
    except ValueError as error:
        raise ValueError(f'{path}: {error}: {DAMAGED}') from None


def _check(manifest: dict) -> None:
    _check_numbers(manifest, NUMBERS)
    if manifest['deleted'] > manifest['rows']:
        raise ValueError(f'of {manifest["rows"]} rows {manifest["deleted"]} are deleted')
    if manifest.get('kind') not in KINDS:
        raise ValueError(f'kind is {_shown(manifest.get("kind"))}, and should be {" or ".join(KINDS)}')
    _check_dict(manifest, 'info')
    if manifest['format'] == FORMAT:
        _check_dict(manifest, 'columns')
        check_columns(manifest['columns'])
    if manifest['format'] != WITHOUT_CHECKSUMS:
        _check_dict(manifest, 'crc32')
        _check_numbers(manifest['crc32'], dict.fromkeys(SUMMED, (0, 2**32 - 1)), 'crc32.')
    _check_dict(manifest, 'structures')
    for number, entry in manifest['structures'].items():
        if number not in ('-1', '0', '1'):
            raise ValueError(f'structures has {_shown(number)}, which is no modality')
        _check_dict(manifest['structures'], number, 'structures.')
        _check_numbers(entry, STRUCTURE, f'structures.{number}.')
        # a name alone, so that no other file is opened
        if not re.fullmatch(r'(ivf|hnsw)_(-1|0|1)_\d{1,19}\.faiss', str(entry.get('name')), re.ASCII):
            raise ValueError(f'structures.{number}.name is {_shown(entry.get("name"))}, which is none that is given')


def _check_numbers(values: dict, ranges: dict, where: str = '') -> None:
    for key, (low, high) in ranges.items():
        value = values.get(key)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f'{where}{key} is {_shown(value)}, and should be a whole number from {low} to {high}')


def _check_dict(values: dict, key: str, where: str = '') -> None:
    if not isinstance(values.get(key), dict):
        raise ValueError(f'{where}{key} is {_shown(values.get(key))}, and should be an object')


def _shown(value: object) -> str:
    text = 'missing' if value is None else json.dumps(value)  # which escapes all but ASCII
    return text if len(text) <= 60 else f'{text[:60]}...'
