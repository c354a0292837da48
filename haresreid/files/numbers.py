"""Parsing numbers that people write: cameras, identities, corners of boxes."""

import math
import re
from numbers import Real

from .printable import shortened

__all__ = ['INT32_MAX', 'INT64_MAX', 'finite_number', 'is_unknown', 'whole_number']

INT32_MAX, INT64_MAX = 2**31 - 1, 2**63 - 1
# spreadsheets write 3.0 in a column with gaps; digits of other scripts, which int() accepts, are refused
TEXT = re.compile(r'([+-]?)0*(\d+?)(\.0*)?', re.ASCII)


def is_unknown(value: str | float | None) -> bool:
    """Whether a value means "unknown": None, an empty text, or NaN, which tables write into their gaps."""
    if isinstance(value, str):
        return value.strip().lower() in ('', 'nan')
    return value is None or value != value


def whole_number(value: str | float, low: int = 0, high: int = INT64_MAX, what: str = '') -> int:
    """Parse an integer.

    Args:
        value (str | float): Digits 0 to 9, with an optional sign and surrounding blanks; or a number. ``3.0`` counts as
            an integer.
        low (int): The least allowed value.
        high (int): The greatest allowed value.
        what (str): What the error message calls it. Defaults to '', nothing.

    Raises:
        ValueError: If it is not an integer, or is outside of the range, which the message names.
    """
    number = None
    if isinstance(value, str):
        match = TEXT.fullmatch(value.strip())
        if match and len(match[2]) < 30:  # int() raises an error of its own on thousands of digits
            number = int(match[1] + match[2])
    elif isinstance(value, Real) and abs(value) < math.inf and value == int(value):
        number = int(value)
    if number is None or not low <= number <= high:
        raise ValueError(f'{what} {shortened(value)} is no whole number from {low} to {high}'.lstrip())
    return number


def finite_number(text: str, what: str) -> float:
    """Parse a finite number.

    Raises:
        ValueError: If the text is not a number, infinite or NaN; the message calls it ``what``.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f'{what} {shortened(text)} is no number')
    return number
