import json
import os
import warnings
from pathlib import Path

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


@pytest.fixture(scope='session')
def sysu_test_root(tmp_path_factory):
    """The whole SYSU-MM01 test tree as empty files, and empty training lists."""
    root = tmp_path_factory.mktemp('sysu') / 'SYSU-MM01'
    counts = json.loads((Path(__file__).parent / 'data' / 'sysu_test_counts.json').read_text())
    (root / 'exp').mkdir(parents=True)
    (root / 'exp' / 'test_id.txt').write_text(','.join(counts))
    for pid, numbers in counts.items():
        for camid, number in enumerate(numbers, 1):
            folder = root / f'cam{camid}' / f'{int(pid):04d}'
            if number:
                folder.mkdir(parents=True)
            for image in range(1, number + 1):
                (folder / f'{image:04d}.jpg').touch()
    return root
