"""Labels of many images as integers, without lossy conversions."""

import numpy as np

from .numbers import INT64_MAX
from .printable import shortened

__all__ = ['whole_numbers']


def whole_numbers(values: np.ndarray, what: str, low: int = -INT64_MAX, high: int = INT64_MAX) -> np.ndarray:
    """Convert an array of integers of any type to int64.

    Args:
        values (np.ndarray): (N,).
        what (str): What the error message calls them.
        low (int): The least allowed value.
        high (int): The greatest allowed value.

    Raises:
        ValueError: If a value is not an integer in this range; the message gives the first such value and its row.
    """
    values = np.asarray(values)
    values = values.astype(np.int64) if values.dtype == bool else values
    if values.dtype.kind not in 'iuf' or values.ndim != 1:
        raise ValueError(f'{what} must be a list of numbers, not {values.dtype} of shape {values.shape}')
    right = (values >= low) & (values < high + 1) & (values == np.rint(values))  # high may not be exact as a float
    if not right.all():
        row = np.flatnonzero(~right)[0]
        raise ValueError(f'{what}, row {row}: {shortened(values[row])} is no whole number from {low} to {high}')
    return values.astype(np.int64)
