import faulthandler
import sys

import numpy as np
import pytest
from scipy.io import savemat

from haresreid.files.mat_files import load_mat


def test_arrays(tmp_path):
    savemat(tmp_path / 'features.mat', dict(features=np.eye(2), names=['a', 'bc']))
    content = load_mat(tmp_path / 'features.mat')
    assert list(content) == ['features', 'names'] and np.array_equal(content['features'], np.eye(2))


@pytest.mark.parametrize('form', ['4', '5'])
def test_a_damaged_file_is_named(tmp_path, form):
    file = tmp_path / 'damaged.mat'
    savemat(file, dict(features=np.eye(9)), format=form)
    file.write_bytes(file.read_bytes()[:-99])
    with pytest.raises(ValueError, match='damaged.mat is no MATLAB file, or is damaged'):
        load_mat(file)


def test_a_byte_that_crashes_scipy_ends_no_more_than_a_process(tmp_path):
    savemat(tmp_path / 'damaged.mat', dict(features=np.eye(4)))
    content = bytearray((tmp_path / 'damaged.mat').read_bytes())
    content[184] = 0xFF  # the type of the numbers, of which there are eighteen
    (tmp_path / 'damaged.mat').write_bytes(content)
    faulthandler.disable()  # pytest's would print where the other process was
    with pytest.raises(ValueError, match='damaged.mat is no MATLAB file, or is damaged'):
        load_mat(tmp_path / 'damaged.mat')
    faulthandler.enable(sys.__stderr__)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='There is no MATLAB file'):
        load_mat(tmp_path / 'none.mat')
