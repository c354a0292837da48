"""Which rows of a gallery a query may find."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np

from haresreid.utils.choices import MODALITIES

from .store import Snapshot
from .times import to_posix

__all__ = ['MODALITIES', 'Filter', 'modality_number']


@dataclass(frozen=True)
class Filter:
    """Conditions that all must hold; None asks for nothing.

    Args:
        ids (Sequence[int], optional): The id is one of these.
        cameras (Sequence[int] | int, optional): The camera is one of these.
        exclude_cameras (Sequence[int] | int, optional): The camera is none of these; an unknown one (-1) passes.
        since (float | str | datetime, optional): The time is this or later. An unknown time never passes.
        until (float | str | datetime, optional): The time is earlier. An unknown time never passes.
        modality (str | int, optional): 'visible' or 'infrared'.
    """

    ids: Sequence[int] | None = None
    cameras: Sequence[int] | int | None = None
    exclude_cameras: Sequence[int] | int | None = None
    since: float | str | datetime | None = None
    until: float | str | datetime | None = None
    modality: str | int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))

    def chosen(self, snapshot: Snapshot) -> np.ndarray:
        """(N,) True where a row is there and all conditions hold."""
        rows, chosen = snapshot.rows, snapshot.alive.copy()
        if self.ids is not None:
            chosen &= np.isin(rows['id'], np.atleast_1d(self.ids))
        if self.cameras is not None:
            chosen &= np.isin(rows['camera'], np.atleast_1d(self.cameras))
        if self.exclude_cameras is not None:
            chosen &= ~np.isin(rows['camera'], np.atleast_1d(self.exclude_cameras))
        if self.since is not None:
            chosen &= rows['time'] >= to_posix(self.since)
        if self.until is not None:
            chosen &= rows['time'] < to_posix(self.until)
        if self.modality is not None:
            chosen &= rows['modality'] == modality_number(self.modality)
        return chosen


def modality_number(modality: str | int | None) -> int:
    """0 for visible, 1 for infrared, -1 for None: unknown.

    Raises:
        ValueError: If it is none of these.
    """
    if modality is None or modality == -1:
        return -1
    if isinstance(modality, str) and modality.strip().lower() in MODALITIES:
        return MODALITIES.index(modality.strip().lower())
    if modality in (0, 1):
        return int(modality)
    raise ValueError(f'{modality!r} is no modality: there are {" and ".join(MODALITIES)}')
