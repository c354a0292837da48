from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from haresreid.search import to_iso, to_posix
from haresreid.search.times import read_timezone

TIME = datetime(2026, 11, 24, 10, 15, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    'time',
    [
        TIME,
        TIME.replace(tzinfo=None),
        TIME.astimezone(timezone(timedelta(hours=-5))),
        TIME.timestamp(),
        str(TIME.timestamp()),
        np.float64(TIME.timestamp()),
        int(TIME.timestamp()),
        '2026-11-24T10:15:00Z',
        '2026-11-24 10:15',
        '2026-11-24T11:15:00+01:00',
        '2026-11-24T04:45:00-0530',
        '20261124T101500',
        '20261124101500',
        '2026-11-24_10-15-00',
        '2026-11-24-10-15-00',
        '2026.11.24_10.15.00',
        '2026.11.24-10.15.00',
        '2026.11.24.10.15.00',
        '2026_11_24_10_15_00',
        '20261124-101500',
        '20261124_1015',
        '2026-11-24_11.15.00+01:00',
        ' 2026-11-24T10:15:00.000 ',
    ],
)
def test_every_way_to_write_a_time(time):
    assert to_posix(time) == TIME.timestamp()


def test_dates_fractions_and_the_way_back():
    assert to_posix('2026-11-24') == to_posix('20261124') == to_posix('2026-11-24T00:00Z')
    assert to_posix('2026-11-24T10:15:00.25') == TIME.timestamp() + 0.25
    assert to_iso(TIME.timestamp()) == '2026-11-24T10:15:00Z'
    assert to_iso(TIME.timestamp() + 0.25) == '2026-11-24T10:15:00.250Z'
    assert all(np.isnan(to_posix(time)) for time in (None, '', float('nan'))) and to_iso(float('nan')) == '-'


def test_a_time_without_an_offset_is_of_the_zone():
    berlin = read_timezone('Europe/Berlin')
    assert to_posix('2026-11-24_11.15.00', berlin) == to_posix('2026-11-24T04:45', read_timezone('-05:30'))
    assert to_posix('2026-11-24_11.15.00', berlin) == to_posix(TIME.replace(tzinfo=None, hour=11), berlin)
    assert to_posix('2026-11-24_11.15.00', berlin) == to_posix('20261124T101500Z', berlin) == TIME.timestamp()
    assert to_posix(TIME, berlin) == to_posix(TIME.timestamp(), berlin) == TIME.timestamp()
    # 02:30 is shown twice when summer time ends; the first is meant
    assert to_posix('2026-10-25T02:30', berlin) == to_posix('2026-10-25T00:30Z')
    for name in ('Berlin', '../x', '', '+25:00', '/etc/passwd'):
        with pytest.raises(ValueError, match='is no time zone known here: give a name such as Europe/Berlin'):
            read_timezone(name)


def test_seconds_with_the_digits_of_a_date_are_seconds():
    assert to_posix('20261124.1015') == to_posix(20261124.1015) == 20261124.1015


@pytest.mark.parametrize('time', ['yesterday', '2026-13-01', '24.11.2026', [], 1e15])
def test_what_is_no_time(time):
    with pytest.raises(ValueError, match='is no time: give POSIX seconds or ISO 8601'):
        to_posix(time)
