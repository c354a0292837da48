"""Labels of many images: whole numbers that no conversion may cut."""

import numpy as np

from .numbers import INT64_MAX
from .printable import shortened

__all__ = ['whole_numbers']


def whole_numbers(values: np.ndarray, what: str, low: int = -INT64_MAX, high: int = INT64_MAX) -> np.ndarray:
    """An array of whole numbers, of whatever type, as int64.

    Args:
        values (np.ndarray): (N,).
        what (str): What the message calls them.
        low (int): The least allowed.
        high (int): The greatest allowed.

    Raises:
        ValueError: A value is none of it; the message gives the first and its row.
    """
    values = np.asarray(values)
    values = values.astype(np.int64) if values.dtype == bool else values
    if values.dtype.kind not in 'iuf' or values.ndim != 1:
        raise ValueError(f'{what} must be a list of numbers, not {values.dtype} of shape {values.shape}')
    right = (values >= low) & (values < high + 1) & (values == np.rint(values))  # high itself may not be a float
    if not right.all():
        row = np.flatnonzero(~right)[0]
        raise ValueError(f'{what}, row {row}: {shortened(values[row])} is no whole number from {low} to {high}')
    return values.astype(np.int64)
