"""What an index stores of a row beside its vector: id, camera, time and modality, as numbers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from haresreid.choices import MODALITIES
from haresreid.files.numbers import INT32_MAX, INT64_MAX, is_unknown, whole_number
from haresreid.files.printable import shortened

from .store import ROW
from .times import to_posix

__all__ = ['camera_number', 'id_number', 'modality_number', 'row_columns']


def row_columns(
    length: int,
    cameras: Sequence[int | None] | int | None = None,
    times: Sequence | float | str | datetime | None = None,
    modalities: Sequence | str | int | None = None,
    ids: Sequence[int] | None = None,
) -> np.ndarray:
    """Convert cameras, times, modalities and ids of rows to numbers. A single value applies to every row.

    Args:
        length (int): n, the number of rows.
        cameras (Sequence[int] | int, optional): See :func:`camera_number`. Defaults to None, unknown.
        times (Sequence | float | str | datetime, optional): See :func:`to_posix`. Defaults to None, unknown.
        modalities (Sequence | str | int, optional): See :func:`modality_number`. Defaults to None, unknown.
        ids (Sequence[int], optional): See :func:`id_number`. Defaults to None, 0.

    Returns:
        np.ndarray: (n,) ``ROW``.

    Raises:
        ValueError: If lengths differ, or a value is invalid; the message gives the first one and its row.
    """
    rows = np.zeros(length, dtype=ROW)
    for name, values, convert in (
        ('camera', cameras, camera_number),
        ('time', times, to_posix),
        ('modality', modalities, modality_number),
    ):
        rows[name] = _column(name, values, length, convert)
    if ids is not None:
        rows['id'] = _column('id', ids, length, id_number)
    return rows


def _column(name: str, values: Any, length: int, convert: Callable[[Any], float]) -> list[float]:
    if values is None or np.ndim(values) == 0:
        return [convert(values)] * length
    if len(values) != length:
        raise ValueError(f'{length} features have {len(values)} values of {name}')
    numbers = []
    for row, value in enumerate(values):
        try:
            numbers.append(convert(value))
        except ValueError as error:
            raise ValueError(f'row {row}: {error}') from None
    return numbers


def camera_number(camera: int | str | None) -> int:
    """A camera from 0 to 2147483647, or -1 (unknown) for None, NaN, '' and -1.

    Raises:
        ValueError: If it is none of these.
    """
    if camera is None or is_unknown(camera) or camera == -1:
        return -1
    return whole_number(camera, 0, INT32_MAX, 'camera')


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
