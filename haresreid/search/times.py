"""Times: the index stores POSIX seconds, users read and write ISO 8601."""

import re
from datetime import datetime, timezone

import numpy as np

from haresreid.files.printable import shortened

__all__ = ['is_time', 'to_iso', 'to_posix']

ISO = re.compile(
    r'(\d{4})-?(\d\d)-?(\d\d)'
    r'(?:[T _]?(\d\d)[:-]?(\d\d)(?:[:-]?(\d\d)(?:[.,](\d+))?)?)?'
    r'\s*(Z|[+-]\d\d:?\d\d)?',
    re.ASCII,
)
FIRST, LAST = (datetime(year, 1, 2, tzinfo=timezone.utc).timestamp() for year in (1, 9999))


def is_time(seconds: np.ndarray | float) -> np.ndarray:
    """Where POSIX seconds are within the years that ISO 8601 can express, or NaN (an unknown time)."""
    return np.isnan(seconds) | (FIRST <= seconds) & (seconds < LAST)


def to_posix(time: float | str | datetime | None) -> float:
    """Seconds since 1970-01-01 UTC.

    Args:
        time (float | str | datetime, optional): POSIX seconds, as a number or text, or ISO 8601. ``-`` and ``:`` may be
            missing or, as in file names, all be ``-``. A time without an offset is UTC. None and an empty text mean an
            unknown time.

    Returns:
        float: NaN for an unknown time.

    Raises:
        ValueError: If it is not a time.

    Examples:
        >>> to_posix('2026-11-24T10:15:00+01:00'), to_posix('20261124T091500Z'), to_posix('2026-11-24T09-15-00')
        (1795511700.0, 1795511700.0, 1795511700.0)
    """
    if time is None or (isinstance(time, str) and not time.strip()):
        return float('nan')
    match = ISO.fullmatch(time.strip()) if isinstance(time, str) else None
    try:
        if isinstance(time, datetime):
            seconds = (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()
        elif match:
            year, month, day, hour, minute, second, fraction, offset = match.groups()
            offset = '+00:00' if offset in (None, 'Z') else f'{offset[:3]}:{offset[-2:]}'
            iso = f'{year}-{month}-{day}T{hour or "00"}:{minute or "00"}:{second or "00"}{offset}'
            seconds = datetime.fromisoformat(iso).timestamp() + float(f'0.{fraction or 0}')
        else:
            seconds = float(time)
        if not is_time(seconds):
            raise ValueError
        return seconds
    except (OverflowError, TypeError, ValueError):
        raise ValueError(
            f'{shortened(time)} is no time: give POSIX seconds or ISO 8601, e.g. '
            '2026-11-24T10:15:00+01:00 (without an offset it is UTC)'
        ) from None


def to_iso(seconds: float) -> str:
    """POSIX seconds as ISO 8601 in UTC, with milliseconds if there are any; '-' for NaN (an unknown time)."""
    if np.isnan(seconds):
        return '-'
    time = datetime.fromtimestamp(round(float(seconds), 3), timezone.utc)
    return time.isoformat(timespec='milliseconds' if time.microsecond else 'seconds').replace('+00:00', 'Z')
