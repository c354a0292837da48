"""tools/analysis/compare.py, in this process."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch, capsys):
    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['compare.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/compare.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture
def methods(tmp_path, monkeypatch):
    """Two seeds of a noisy method and of a better one, on 15 people."""
    monkeypatch.chdir(tmp_path)
    pids, camids = (part.ravel() for part in np.meshgrid(range(15), range(1, 7), indexing='ij'))
    looks = np.random.default_rng(0).standard_normal((15, 8))
    for name, noise in (('noisy', 1.5), ('better', 0.5)):
        Path(name).mkdir()
        for seed in range(2):
            rng = np.random.default_rng(seed)
            features = l2_normalize(looks[pids] + noise * rng.standard_normal((len(pids), 8)))
            paths = [f'cam{camid}/{pid:04d}/0001.jpg' for pid, camid in zip(pids, camids)]
            info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'))
            FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths, info).save(f'{name}/seed_{seed}.npz')


def test_two_methods_of_two_seeds(run, methods):
    output = run('noisy', 'better', '--names', 'noisy', 'better', '--out', 'comparison.json', '--show', '5')
    assert output.startswith('sysu/all: 30 valid queries of 15 people, 10 trials; noisy: 2 runs, better: 2 runs')
    assert '| metric | noisy | better | difference | 95 % interval | p |' in output
    assert '| metric | 95 % interval over seeds | p | one seed | seeds for 5 |' in output
    content = json.loads(Path('comparison.json').read_text())
    for each in content['differences']:
        assert each['low'] > 0 and each['p_value'] < 0.01 and each['second'] > each['first']
    assert [len(runs) for runs in content['runs']] == [2, 2] and len(content['seeds']) == 3
    with pytest.raises(SystemExit, match='error: comparison.json is there already'):
        run('noisy', 'better', '--out', 'comparison.json')


def test_one_run_each(run, methods):
    output = run('noisy/seed_0.npz', 'noisy/seed_1.npz', '--protocol', 'own/i2v', '--level', '0.9')
    assert '| metric | A | B | difference | 90 % interval | p |' in output
    assert 'One run says nothing of other seeds' in output


def test_bad_options_are_refused(run, methods):
    for options, message in (
        (['--names', 'x', 'x'], 'error: --names x x: give two different names'),
        (['--row', 'ours + aqe'], 'holds features, not the row'),
        (['--protocol', 'sysu'], 'error: There is no protocol'),
    ):
        with pytest.raises(SystemExit, match=message):
            run('noisy', 'better', *options)
    with pytest.raises(SystemExit, match='2'):
        run('noisy', 'better', '--level', '1.2')
