import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haresreid.files.numbers import INT32_MAX, INT64_MAX, finite_number, is_unknown, whole_number


@pytest.mark.parametrize(
    'value, number',
    [
        ('3', 3),
        (' 007 ', 7),
        ('+3', 3),
        ('3.0', 3),
        ('3.', 3),
        ('-0', 0),
        (3.0, 3),
        (np.int32(3), 3),
        (np.float32(3), 3),
        (str(INT64_MAX), INT64_MAX),
    ],
)
def test_whole_numbers(value, number):
    assert whole_number(value) == number and type(whole_number(value)) is int


# superscripts and Arabic digits are digits to str.isdigit() and \d
@pytest.mark.parametrize(
    'value',
    [
        '',
        'door',
        '²',
        '٣',
        '1_000',
        '1e3',
        '0x1',
        '3.5',
        '3,0',
        '-1',
        'nan',
        '9' * 5000,
        str(INT64_MAX + 1),
        10**400,
        0.5,
        float('inf'),
        float('nan'),
        None,
        [1],
    ],
)
def test_what_is_none_is_refused_with_the_range(value):
    with pytest.raises(ValueError, match=f'is no whole number from 0 to {INT64_MAX}') as refusal:
        whole_number(value)
    assert len(str(refusal.value)) < 130


def test_the_range():
    assert [whole_number(text, 1, 2) for text in '12'] == [1, 2] and whole_number('-5', low=-5) == -5
    for number in (0, 3):
        with pytest.raises(ValueError, match=f"'{number}' is no whole number from 1 to 2"):
            whole_number(number, 1, 2)
    with pytest.raises(ValueError, match="'2147483648' is no whole number from 0 to 2147483647"):
        whole_number(2**31, high=INT32_MAX)


@given(st.integers() | st.floats() | st.text())
def test_python_agrees(value):
    try:
        number = whole_number(value, -(2**99), 2**99)
    except ValueError:
        return
    assert number == int(float(value)) or number == int(value)


def test_what_nobody_knows():
    assert all(map(is_unknown, [None, '', ' ', 'nan', ' NaN', float('nan'), np.float32('nan')]))
    assert not any(map(is_unknown, [0, '0', -1, 'none', 3.5]))


def test_finite_numbers():
    assert [finite_number(text, 'R1') for text in ('0.5', ' -1e3 ')] == [0.5, -1000]
    for text in ('', 'sixty', 'nan', 'inf', '1e999', '0,5'):
        with pytest.raises(ValueError, match=f"R1 '{text}' is no number"):
            finite_number(text, 'R1')
