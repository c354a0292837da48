"""Filters: which rows of a gallery a query may find."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timezone, tzinfo
from typing import Any, NamedTuple

import numpy as np

from haresreid.files.printable import shortened

from .columns import camera_number, convert_columns, id_number, modality_number, track_number
from .times import to_posix

__all__ = ['Condition', 'Filter', 'time_bound']

COMPARISON = re.compile(r'\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*', re.DOTALL)


class Condition(NamedTuple):
    """A condition on one column, which an unknown float (NaN) never meets.

    Attributes:
        column (str): Its name.
        operator (str): ``in`` or ``not in``, ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
        value (list[int] | int | float | str): A list of whole numbers for the first two.
    """

    column: str
    operator: str
    value: Any

    def met(self, values: np.ndarray) -> np.ndarray:
        """(N,) where the values (N,) of the column meet it."""
        if self.operator in ('in', 'not in'):
            return np.isin(values, self.value, invert=self.operator == 'not in')
        return COMPARE[self.operator](values, self.value) & (values == values)


COMPARE: dict[str, Callable[[np.ndarray, Any], np.ndarray]] = {
    '=': np.equal,
    '!=': np.not_equal,
    '<': np.less,
    '<=': np.less_equal,
    '>': np.greater,
    '>=': np.greater_equal,
}


@dataclass
class Filter:
    """Conditions that must all hold. None sets no condition.

    Args:
        ids (Sequence[int], optional): The id is one of these.
        cameras (Sequence[int] | int, optional): The camera is one of these.
        exclude_cameras (Sequence[int] | int, optional): The camera is none of these. An unknown camera (-1) passes.
        since (float | str | datetime, optional): The time is this or later. An unknown time never passes.
        until (float | str | datetime, optional): The time is earlier. An unknown time never passes.
        modality (str | int, optional): 'visible' or 'infrared'.
        tracks (Sequence[int] | int, optional): The track is one of these.
        where (Sequence[str] | str, optional): Conditions on the gallery's own columns, such as ``'quality >= 0.5'`` or
            ``'place = hall'``.

    Raises:
        ValueError: If a condition is invalid, such as a camera that is not an integer.
    """

    ids: Sequence[int] | None = None
    cameras: Sequence[int] | int | None = None
    exclude_cameras: Sequence[int] | int | None = None
    since: float | str | datetime | None = None
    until: float | str | datetime | None = None
    modality: str | int | None = None
    tracks: Sequence[int] | int | None = None
    where: Sequence[str] | str | None = None

    def __post_init__(self) -> None:
        for name, convert in (
            ('ids', _numbers(id_number)),
            ('cameras', _numbers(camera_number)),
            ('exclude_cameras', _numbers(camera_number)),
            ('since', time_bound),
            ('until', time_bound),
            ('modality', modality_number),
            ('tracks', _numbers(track_number)),
            ('where', _comparisons),
        ):
            if getattr(self, name) is not None:
                setattr(self, name, convert(getattr(self, name)))

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))

    def conditions(self, types: Mapping[str, str]) -> list[Condition]:
        """The conditions that are set.

        Args:
            types (Mapping[str, str]): The gallery's own columns and their types.

        Raises:
            ValueError: If a condition is on a column that the gallery lacks, or its value is not of the column's type.
        """
        found = [
            Condition(column, operator, getattr(self, name))
            for name, column, operator in (
                ('ids', 'id', 'in'),
                ('cameras', 'camera', 'in'),
                ('exclude_cameras', 'camera', 'not in'),
                ('since', 'time', '>='),
                ('until', 'time', '<'),
                ('modality', 'modality', '='),
                ('tracks', 'track', 'in'),
            )
            if getattr(self, name) is not None
        ]
        return found + [_typed(comparison, types) for comparison in self.where or ()]


def _typed(comparison: Any, types: Mapping[str, str]) -> Condition:
    column, operator, value = comparison
    converted = convert_columns(1, {}, {column: value}, types)[column][0]
    if types[column] == 'text' and operator not in ('=', '!='):
        raise ValueError(f'{column} is text, which has no order: compare it with = or !=')
    if converted != converted:
        raise ValueError(f'{column} {operator} needs a number: an unknown one meets no condition')
    return Condition(column, operator, converted if types[column] == 'text' else converted.item())


def _comparisons(texts: Iterable[str] | str) -> list[tuple[str, str, str]]:
    found = []
    for text in [texts] if isinstance(texts, str) else texts:
        match = COMPARISON.fullmatch(text)
        if not match:
            raise ValueError(f'{shortened(text)} is no condition: write it as quality>=0.5, with = != < <= > or >=')
        found.append((match[1], match[2], match[3]))
    return found


def time_bound(time: float | str | datetime, zone: tzinfo = timezone.utc) -> float:
    """A known time, see :func:`to_posix`.

    Raises:
        ValueError: If it is unknown, or four digits alone: a year that is read as seconds would let most rows pass.
    """
    if isinstance(time, str) and re.fullmatch(r'\d{4}', time.strip(), re.ASCII):
        raise ValueError(
            f'{shortened(time)} may be a year, or seconds since 1970: write {time.strip()}-01-01 or {time.strip()}.0'
        )
    seconds = to_posix(time, zone)
    if np.isnan(seconds):
        raise ValueError(f'since and until need a time, got {shortened(time)}')
    return seconds


def _numbers(convert: Callable) -> Callable:

    def convert_all(values: Sequence[int] | int) -> list[int]:
        return [convert(value) for value in np.atleast_1d(np.asarray(values, dtype=object))]

    return convert_all
