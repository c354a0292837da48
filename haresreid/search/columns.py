"""What a gallery stores of a row beside its vector: id, camera, time, modality, track, and columns of its own."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from haresreid.choices import MODALITIES
from haresreid.files.numbers import INT32_MAX, INT64_MAX, is_unknown, whole_number
from haresreid.files.printable import shortened

from .times import to_posix

__all__ = [
    'COLUMN_TYPES',
    'STANDARD',
    'TRACK_COLUMNS',
    'Columns',
    'camera_number',
    'check_columns',
    'convert_columns',
    'id_number',
    'modality_number',
    'row_columns',
    'track_number',
]

Columns = dict[str, np.ndarray]
# the columns of every gallery; those of its own have a type of COLUMN_TYPES
STANDARD = dict(id='<i8', camera='<i4', time='<f8', modality='<i4', track='<i8')
COLUMN_TYPES = {'int': '<i8', 'float': '<f8', 'text': 'O'}
# of galleries that commands make: when a track begins and ends in POSIX seconds, and whom it shows
TRACK_COLUMNS = dict(first_seen='float', last_seen='float', person='int')
TAKEN = {*STANDARD, 'name', 'path', 'path_end', 'score', 'vector'}


def row_columns(
    length: int,
    cameras: Sequence[int | None] | int | None = None,
    times: Sequence | float | str | datetime | None = None,
    modalities: Sequence | str | int | None = None,
    ids: Sequence[int] | None = None,
    tracks: Sequence[int | None] | int | None = None,
    columns: Mapping[str, Any] | None = None,
    types: Mapping[str, str] | None = None,
) -> Columns:
    """Convert what is known of rows to arrays. A single value applies to every row.

    Args:
        length (int): n, the number of rows.
        cameras (Sequence[int] | int, optional): See :func:`camera_number`. Defaults to None, unknown.
        times (Sequence | float | str | datetime, optional): See :func:`to_posix`. Defaults to None, unknown.
        modalities (Sequence | str | int, optional): See :func:`modality_number`. Defaults to None, unknown.
        ids (Sequence[int], optional): See :func:`id_number`. Defaults to None, 0.
        tracks (Sequence[int] | int, optional): See :func:`track_number`. Defaults to None, unknown.
        columns (Mapping, optional): Values of the gallery's own columns. Those left out are unknown. Defaults to None.
        types (Mapping[str, str], optional): The type of each of these columns. Defaults to None, there are none.

    Returns:
        Columns: Arrays (n,) with the names and types of ``STANDARD``, and of ``types``.

    Raises:
        ValueError: If lengths differ, or a value is invalid; the message gives the first one and its row.
    """
    types = types or {}
    given = dict(id=[0] * length if ids is None else ids, camera=cameras, time=times, modality=modalities, track=tracks)
    return convert_columns(length, given, {**dict.fromkeys(types), **(columns or {})}, types)


def convert_columns(length: int, given: Mapping[str, Any], own: Mapping[str, Any], types: Mapping[str, str]) -> Columns:
    """Convert some of the columns to arrays (n,); see :func:`row_columns`.

    Args:
        length (int): n, the number of rows.
        given (Mapping): Values of columns of ``STANDARD``.
        own (Mapping): Values of the gallery's own columns.
        types (Mapping[str, str]): The type of each of the latter.
    """
    unknown = own.keys() - types.keys()
    if unknown:
        raise ValueError(
            f'the gallery has no column {shortened(sorted(unknown)[0])} of its own: it has {", ".join(types) or "none"}'
        )
    converted = {
        name: np.array(_column(name, values, length, CONVERT[name]), dtype=STANDARD[name])
        for name, values in given.items()
    }
    for name, values in own.items():
        numbers = _column(name, values, length, _converter(name, types[name]))
        converted[name] = np.array(numbers, dtype=COLUMN_TYPES[types[name]])
    return converted


def check_columns(types: Mapping[str, str]) -> None:
    """Refuse names and types of columns that no engine could keep.

    Raises:
        ValueError: If a name is taken or is not made of lower-case letters, digits and ``_``, or a type is unknown.
    """
    for name, kind in types.items():
        if not re.fullmatch('[a-z][a-z0-9_]{0,39}', str(name), re.ASCII) or name in TAKEN or name.endswith('_end'):
            raise ValueError(
                f'{shortened(name)} cannot be the name of a column: take lower-case letters, digits and _, 40 at '
                f'most, and none of {", ".join(sorted(TAKEN))}, nor an ending _end'
            )
        if not isinstance(kind, str) or kind not in COLUMN_TYPES:
            raise ValueError(f'column {name}: {shortened(kind)} is no type, there are {", ".join(COLUMN_TYPES)}')


def _column(name: str, values: Any, length: int, convert: Callable[[Any], Any]) -> list:
    if values is None or np.ndim(values) == 0:
        return [convert(values)] * length
    if len(values) != length:
        raise ValueError(f'{length} features have {len(values)} values of {name}')
    converted = []
    for row, value in enumerate(values):
        try:
            converted.append(convert(value))
        except ValueError as error:
            raise ValueError(f'row {row}: {error}') from None
    return converted


def camera_number(camera: int | str | None) -> int:
    """A camera from 0 to 2147483647, or -1 (unknown) for None, NaN, '' and -1.

    Raises:
        ValueError: If it is none of these.
    """
    if camera is None or is_unknown(camera) or camera == -1:
        return -1
    return whole_number(camera, 0, INT32_MAX, 'camera')


def track_number(track: int | str | None) -> int:
    """A track from 0 to 2^63 - 1, or -1 (unknown) for None, NaN, '' and -1.

    Raises:
        ValueError: If it is none of these.
    """
    if track is None or is_unknown(track) or track == -1:
        return -1
    return whole_number(track, 0, INT64_MAX, 'track')


def id_number(number: int | str) -> int:
    """An id, any 64-bit integer.

    Raises:
        ValueError: If it is not one.
    """
    return whole_number(number, -INT64_MAX - 1, INT64_MAX, 'id')


def modality_number(modality: str | int | None) -> int:
    """0 for visible, 1 for infrared, or -1 (unknown) for None, NaN, '' and -1.

    Raises:
        ValueError: If it is none of these.
    """
    if is_unknown(modality) or modality == -1:
        return -1
    if isinstance(modality, str) and modality.strip().lower() in MODALITIES:
        return MODALITIES.index(modality.strip().lower())
    if modality in (0, 1):
        return int(modality)
    raise ValueError(f'{shortened(modality)} is no modality: there are {" and ".join(MODALITIES)}')


def _converter(name: str, kind: str) -> Callable[[Any], Any]:
    """Of a gallery's own column. Unknown are -1, NaN and ''."""

    def number(value: Any) -> int:
        return -1 if is_unknown(value) else whole_number(value, -INT64_MAX - 1, INT64_MAX, name)

    def real(value: Any) -> float:
        try:
            return float('nan') if is_unknown(value) else float(value)
        except (TypeError, ValueError):
            raise ValueError(f'{name} {shortened(value)} is no number') from None

    def text(value: Any) -> str:
        value = '' if value is None else str(value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f'{name} {shortened(value)} is no UTF-8 text') from None
        return value

    return {'int': number, 'float': real, 'text': text}[kind]


CONVERT: dict[str, Callable[[Any], Any]] = dict(
    id=id_number, camera=camera_number, time=to_posix, modality=modality_number, track=track_number
)
