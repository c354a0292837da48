"""tools/analysis/calibrate.py, in this process."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet
from haresreid.evaluation.functional import l2_normalize
from haresreid.structures import Calibration

ROOT = Path(__file__).parents[2]
OPTIONS = '--resamples', 3


@pytest.fixture
def run(monkeypatch, capsys):
    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['calibrate.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/calibrate.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture
def dumps(tmp_path, monkeypatch):
    """Of two times 24 people, near one another within a modality."""
    monkeypatch.chdir(tmp_path)
    pids, camids = (part.ravel() for part in np.meshgrid(range(24), range(1, 7), indexing='ij'))
    modalities = np.isin(camids, (3, 6)).astype(int)
    info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'))
    for seed, name in enumerate(('one.npz', 'other.npz')):
        rng = np.random.default_rng(seed)
        points = rng.standard_normal((24, 8))[pids] + rng.standard_normal((2, 24, 8))[modalities, pids]
        features = l2_normalize(points + 0.5 * rng.standard_normal((len(pids), 8)))
        paths = [f'{name}/cam{camid}/{pid:04d}.png' for pid, camid in zip(pids, camids)]
        FeatureSet(features, pids, camids, modalities, paths, info).save(name)


def test_a_calibration_and_a_page(run, dumps):
    out = run('one.npz', '--test', 'other.npz', '--out', 'a.json', '--page', 'a.html', *OPTIONS)
    assert out.startswith('isotonic fit on 24 people, measured on 24 others; percent')
    assert '| visible-infrared | 192 | 4,416 |' in out and out.endswith('fitted on 24 people: a.json\n')
    assert Calibration.load('a.json').info['people'] == 24
    page = Path('a.html').read_text(encoding='utf-8')
    for text in ('Is it the same person?', 'EER', 'known missed', 'data:image/svg+xml', 'one.npz, isotonic, 24 people'):
        assert text in page
    with pytest.raises(SystemExit, match='error: a.json is there already: add --overwrite'):
        run('one.npz', '--out', 'a.json')


def test_without_other_people_one_half_is_measured_and_all_are_written(run, dumps):
    out = run('one.npz', '--method', 'logistic', '--out', 'a.json', *OPTIONS)
    assert out.startswith('logistic fit on 12 people, measured on 12 others; percent')
    assert Calibration.load('a.json').info['people'] == 24


def test_query_and_gallery_apart_are_paired_across_alone(run, dumps):
    images = FeatureSet.load('one.npz')
    infrared = images.modalities == 1
    np.savez(
        'apart.npz',
        query_f=images.features[infrared],
        query_label=images.pids[infrared],
        gallery_f=images.features[~infrared],
        gallery_label=images.pids[~infrared],
    )
    out = run('apart.npz', '--protocol', 'own/i2v', *OPTIONS)
    assert '| visible-infrared | 96 | 1,056 |' in out and 'visible-visible' not in out


def test_bad_input_is_refused(run, dumps):
    with pytest.raises(SystemExit, match='error: There is no folder .*missing to write a.json into: make it first'):
        run('one.npz', '--out', 'missing/a.json')
    with pytest.raises(SystemExit, match='error: --level 95 must lie between 0 and 1'):
        run('one.npz', '--level', '95')
    np.savez('d.npz', distmat=np.ones((2, 2)), query_label=[1, 2], gallery_label=[1, 2])
    with pytest.raises(SystemExit, match='error: d.npz holds distances; a calibration needs the features'):
        run('d.npz', '--protocol', 'own/v2i')


def test_of_tracks(run, dumps):
    """Each image twice, in two folders: pairs of images are four times as many as pairs of tracks."""
    one = FeatureSet.load('one.npz')
    labels = (np.tile(values, 2) for values in (one.pids, one.camids, one.modalities))
    paths = [f'{folder}/{path}' for folder in 'ab' for path in one.img_paths]
    FeatureSet(np.tile(one.features, (2, 1)), *labels, paths, one.info).save('twice.npz')
    assert '| visible-infrared | 384 | 4,224 |' in run('twice.npz', *OPTIONS)
    assert '| visible-infrared | 96 | 1,056 |' in run('twice.npz', '--tracks', 'cam.*', *OPTIONS)
