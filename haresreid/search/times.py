"""Times: the index stores POSIX seconds, users read and write ISO 8601."""

import re
from datetime import datetime, timedelta, timezone, tzinfo

import numpy as np

from haresreid.files.printable import shortened

__all__ = ['is_time', 'read_timezone', 'to_iso', 'to_posix']

ISO = re.compile(
    r'(\d{4})[-._]?(\d\d)[-._]?(\d\d)'
    r'(?:[T ._-]?(\d\d)[:._-]?(\d\d)(?:[:._-]?(\d\d)(?:[.,](\d+))?)?)?'
    r'\s*(Z|[+-]\d\d:?\d\d)?',
    re.ASCII,
)
SECONDS = re.compile(r'\d+\.\d+', re.ASCII)  # POSIX, although 20261124.1015 has the digits of a date and a time
OFFSET = re.compile(r'[+-]\d\d:?\d\d', re.ASCII)
FIRST, LAST = (datetime(year, 1, 2, tzinfo=timezone.utc).timestamp() for year in (1, 9999))


def is_time(seconds: np.ndarray | float) -> np.ndarray:
    """Where POSIX seconds are within the years that ISO 8601 can express, or NaN (an unknown time)."""
    return np.isnan(seconds) | (FIRST <= seconds) & (seconds < LAST)


def to_posix(time: float | str | datetime | None, zone: tzinfo = timezone.utc) -> float:
    """Seconds since 1970-01-01 UTC.

    Args:
        time (float | str | datetime, optional): POSIX seconds, as a number or text, or ISO 8601. ``-`` and ``:`` may be
            missing or, as recorders write them into file names, be any of ``-``, ``.`` and ``_``. None and an empty
            text mean an unknown time.
        zone (tzinfo): That of a time without an offset. An hour that a clock shows twice, when summer time ends, is
            the first of the two. Defaults to UTC.

    Returns:
        float: NaN for an unknown time.

    Raises:
        ValueError: If it is not a time.

    Examples:
        >>> to_posix('2026-11-24T10:15:00+01:00'), to_posix('20261124T091500Z'), to_posix('2026.11.24_09.15.00')
        (1795511700.0, 1795511700.0, 1795511700.0)
    """
    if time is None or (isinstance(time, str) and not time.strip()):
        return float('nan')
    match = ISO.fullmatch(time.strip()) if isinstance(time, str) and not SECONDS.fullmatch(time.strip()) else None
    try:
        if isinstance(time, datetime):
            seconds = (time if time.tzinfo else time.replace(tzinfo=zone)).timestamp()
        elif match:
            year, month, day, hour, minute, second, fraction, offset = match.groups()
            clock = datetime.fromisoformat(f'{year}-{month}-{day}T{hour or "00"}:{minute or "00"}:{second or "00"}')
            seconds = clock.replace(tzinfo=_offset(offset) if offset else zone).timestamp()
            seconds += float(f'0.{fraction or 0}')
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


def read_timezone(name: str) -> tzinfo:
    """The time zone of a name such as ``Europe/Berlin``, or of an offset such as ``+01:00``.

    Raises:
        ValueError: If there is no such zone.
    """
    if name in ('UTC', 'Z'):
        return timezone.utc
    from zoneinfo import ZoneInfo  # it looks through the system, and few need it

    try:
        return _offset(name) if OFFSET.fullmatch(name) else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f'{shortened(name)} is no time zone known here: give a name such as Europe/Berlin (on a system without its '
            'own list, pip install tzdata) or an offset such as +01:00'
        ) from None


def _offset(text: str) -> tzinfo:
    """``Z``, or ``+01:00`` with or without the colon."""
    if text == 'Z':
        return timezone.utc
    distance = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-distance if text[0] == '-' else distance)


def to_iso(seconds: float) -> str:
    """POSIX seconds as ISO 8601 in UTC, with milliseconds if there are any; '-' for NaN (an unknown time)."""
    if np.isnan(seconds):
        return '-'
    time = datetime.fromtimestamp(round(float(seconds), 3), timezone.utc)
    return time.isoformat(timespec='milliseconds' if time.microsecond else 'seconds').replace('+00:00', 'Z')
