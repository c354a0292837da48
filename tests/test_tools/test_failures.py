"""tools/analysis/failures.py, in this process."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch, capsys):
    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['failures.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/failures.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture
def dump(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pids, camids = (part.ravel() for part in np.meshgrid(range(12), range(1, 7), indexing='ij'))
    rng = np.random.default_rng(0)
    paths = [f'cam{camid}/{pid:04d}/1.png' for pid, camid in zip(pids, camids)]
    for path in paths:
        Path(path).parent.mkdir(parents=True)
        Image.fromarray(rng.integers(0, rng.integers(20, 255), (32, 16), dtype=np.uint8)).save(path)
    features = l2_normalize(rng.standard_normal((12, 8))[pids] + rng.standard_normal((len(pids), 8)))
    info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'))
    FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths, info).save('features.npz')


def test_a_page(run, dump):
    assert run('features.npz', '--num-queries', 3).startswith('Failures: failures.html')
    page = Path('failures.html').read_text(encoding='utf-8')
    for text in ('Failures under sysu/all', '3 to 1', 'brightness, 0 to 255: ', 'Worst queries', 'data:image/jpeg'):
        assert text in page
    assert 'height of the image' not in page and 'occlusion' not in page  # all are equal; nothing is known
    with pytest.raises(SystemExit, match='error: failures.html is there already'):
        run('features.npz')


def test_bad_input_is_refused(run, dump):
    with pytest.raises(SystemExit, match='error: A page is on one model, and 2 are given'):
        run('features.npz', 'more.npz')
    Path('cam1/0003/1.png').unlink()
    with pytest.raises(SystemExit, match='error: 1 of 72 images are not on disk .*cam1/0003/1.png'):
        run('features.npz')
