import os
import warnings

import pytest

# before PyTorch is imported: two processes of many threads each would only wait for each other
os.environ.setdefault('OMP_NUM_THREADS', '1')

from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def default_scope():
    """MMEngine's scope is one for the whole process: a test must not find the one that another left behind."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of the change
        init_default_scope('haresreid')
