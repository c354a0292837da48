"""Filters: which rows of a gallery a query may find."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timezone, tzinfo

import numpy as np

from haresreid.files.printable import shortened

from .columns import camera_number, id_number, modality_number
from .store import Snapshot
from .times import to_posix

__all__ = ['Filter', 'time_bound']


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

    Raises:
        ValueError: If a condition is invalid, such as a camera that is not an integer.
    """

    ids: Sequence[int] | None = None
    cameras: Sequence[int] | int | None = None
    exclude_cameras: Sequence[int] | int | None = None
    since: float | str | datetime | None = None
    until: float | str | datetime | None = None
    modality: str | int | None = None

    def __post_init__(self) -> None:
        for name, convert in (
            ('ids', _numbers(id_number)),
            ('cameras', _numbers(camera_number)),
            ('exclude_cameras', _numbers(camera_number)),
            ('since', time_bound),
            ('until', time_bound),
            ('modality', modality_number),
        ):
            if getattr(self, name) is not None:
                setattr(self, name, convert(getattr(self, name)))

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))

    def chosen(self, snapshot: Snapshot) -> np.ndarray:
        """(N,) True where a row is not deleted and all conditions hold."""
        rows, chosen = snapshot.rows, snapshot.alive.copy()
        if self.ids is not None:
            chosen &= np.isin(rows['id'], self.ids)
        if self.cameras is not None:
            chosen &= np.isin(rows['camera'], self.cameras)
        if self.exclude_cameras is not None:
            chosen &= ~np.isin(rows['camera'], self.exclude_cameras)
        if self.since is not None:
            chosen &= rows['time'] >= self.since
        if self.until is not None:
            chosen &= rows['time'] < self.until
        if self.modality is not None:
            chosen &= rows['modality'] == self.modality
        return chosen


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

    def convert_all(values: Sequence[int] | int) -> np.ndarray:
        return np.array([convert(value) for value in np.atleast_1d(np.asarray(values, dtype=object))], dtype=np.int64)

    return convert_all
