import warnings

import pytest
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def default_scope():
    """MMEngine's scope is one for the whole process: a test must not find the one that another left behind."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of the change
        init_default_scope('haresreid')
