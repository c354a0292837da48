import numpy as np
import pytest

from haresreid.files.label_arrays import whole_numbers


@pytest.mark.parametrize('dtype', ['i1', 'u8', 'f4', 'f8', '>i4', bool])
def test_arrays_of_any_type(dtype):
    numbers = whole_numbers(np.array([0, 1], dtype), 'camids')
    assert numbers.dtype == np.int64 and numbers.tolist() == [0, 1]
    assert whole_numbers(np.array([], dtype), 'camids').shape == (0,)


@pytest.mark.parametrize(
    'values, message',
    [
        (
            np.array([1, 2**64 - 1], 'u8'),
            "camids, row 1: '18446744073709551615' is no whole number from 0 to 9223372036854775807",
        ),
        (np.array([1, 2.0**63]), 'row 1: .*e[+]18'),
        (np.array([0.5, 1]), "row 0: '0.5' is no whole"),
        (np.array([1, 2, np.nan]), "row 2: 'nan' is no whole"),
        (np.array([1, np.inf]), 'row 1: .*inf.* is no whole'),
        (np.array([[1, 2]]), r'camids must be a list of numbers, not int64 of shape .1, 2.'),
        (np.array([1, -1]), "row 1: '-1'"),
        (np.array(['1']), 'camids must be a list of numbers, not <U1'),
        (np.array([10**30]), 'camids must be a list of numbers, not object'),
    ],
)
def test_arrays_that_would_be_cut(values, message):
    with pytest.raises(ValueError, match=message):
        whole_numbers(values, 'camids', low=0)


def test_negative_numbers_stay():
    assert whole_numbers(np.array([-1.0, 2**40]), 'pids').tolist() == [-1, 2**40]
