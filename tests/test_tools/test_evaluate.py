"""tools/evaluate.py on dumps and on other people's files, in this process."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from haresreid.evaluation import METRIC_NAMES, FeatureSet, VIReIDMetric, evaluate, protocol_by_name, write_results
from haresreid.evaluation.functional import l2_normalize

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['evaluate.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/evaluate.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture(scope='module')
def feature_set(tmp_path_factory):
    """5 people in SYSU-MM01's cameras, on grey images, as a run dumps them."""
    images = tmp_path_factory.mktemp('images')
    rng = np.random.default_rng(0)
    pids, camids = (part.ravel() for part in np.meshgrid(range(5), range(1, 7), indexing='ij'))
    paths = []
    for pid, camid in zip(pids, camids):
        paths.append(str(images / f'cam{camid}' / f'{pid:04d}' / '0001.png'))
        Path(paths[-1]).parent.mkdir(parents=True)
        Image.fromarray(rng.integers(0, 255, (32, 16), dtype=np.uint8)).save(paths[-1])
    features = l2_normalize(rng.standard_normal((5, 8))[pids] + rng.standard_normal((len(pids), 8)))
    info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'), feature='post_bn', flip=False)
    return FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths, info)


def test_tracks_instead_of_images(run, folder, feature_set):
    images = FeatureSet(
        *(np.repeat(getattr(feature_set, name), 2, axis=0) for name in ('features', 'pids', 'camids', 'modalities')),
        [f'{path}/{number}.png' for path in feature_set.img_paths for number in range(2)],
        feature_set.info,
    )
    images.save('twice.npz')
    feature_set.save('once.npz')
    output = run('twice.npz', '--protocols', 'own/v2i', '--tracks', '.*/', '--out', 'results')
    assert output.splitlines()[:4] == run('once.npz', '--protocols', 'own/v2i').splitlines()[:4]
    written = json.loads(Path('results/metrics.json').read_text())
    assert written['pooled_images'] == 60 and written['data']['images'] == dict(visible=20, infrared=10)
    with pytest.raises(SystemExit, match='60 of 60 paths do not match walk'):
        run('twice.npz', '--protocols', 'own/v2i', '--tracks', 'walk')


@pytest.fixture
def theirs(feature_set, folder):
    """layumi's file, with the gallery of the draw 0 of sysu/all."""
    arrays = [
        getattr(feature_set, name)[indices]
        for indices in protocol_by_name('sysu/all').draw(feature_set, 0)
        for name in ('features', 'pids', 'camids')
    ]
    content = dict(zip(('query_f', 'query_label', 'query_cam', 'gallery_f', 'gallery_label', 'gallery_cam'), arrays))
    savemat(folder / 'pytorch_result.mat', content)
    return content


def test_a_dump_gives_the_figures_of_its_run(run, feature_set, folder):
    metric = VIReIDMetric([dict(type='SYSUProtocol', mode=mode) for mode in ('all', 'indoor')])
    metric.compute_metrics(
        [
            feature_set.features,
            feature_set.pids,
            feature_set.camids,
            feature_set.modalities,
            np.array(feature_set.img_paths),
            np.zeros(len(feature_set.pids), bool),
        ]
    )
    metric.feature_set.info = feature_set.info
    write_results(folder / 'run.json', metric.protocol_results, metric.feature_set)
    metric.feature_set.save('features.npz')
    output = run('features.npz', '--references', 'chance', 'hog', '--out', 'again')
    of_run, again = (json.loads((folder / name).read_text()) for name in ('run.json', 'again/metrics.json'))
    assert again == of_run  # floats to the last bit, fingerprint, feature and all
    assert set(again['protocols']) == {'sysu/all', 'sysu/indoor'}
    assert metric.results_table in output and 'note:' not in output
    assert (folder / 'again/ranked_list.png').stat().st_size > 1000


def test_a_file_of_other_code(run, feature_set, theirs, folder):
    output = run('pytorch_result.mat', '--protocols', 'sysu/all', '--out', 'results')
    content = json.loads((folder / 'results/metrics.json').read_text())
    assert list(content['protocols']) == ['sysu/all (given gallery)']
    drawn = evaluate(feature_set, protocol_by_name('sysu/all'))
    given = content['protocols']['sysu/all (given gallery)']
    assert given['ours']['per_trial'] == {metric: drawn.figures[metric][:1].tolist() for metric in METRIC_NAMES}
    assert set(given) == {'ours', 'chance'}
    assert (content['file'], content['notes']) == ('pytorch_result.mat', [])
    assert 'No pictures: 30 of 30 images are not on disk' in output
    assert not (folder / 'results/ranked_list.png').exists()


def test_a_matrix_of_distances_and_other_names(run, theirs, folder):
    labels = {name: theirs[name] for name in ('query_label', 'query_cam', 'gallery_label', 'gallery_cam')}
    np.savez('distances.npz', dist=1 - theirs['query_f'].astype(float) @ theirs['gallery_f'].T, **labels)
    run('distances.npz', '--protocols', 'sysu/all', '--names', 'distmat=dist', '--references', '--out', 'distances')
    run('pytorch_result.mat', '--protocols', 'sysu/all', '--references', '--out', 'features')
    of_distances, of_features = (
        json.loads((folder / name / 'metrics.json').read_text())['protocols'] for name in ('distances', 'features')
    )
    assert of_distances == of_features
    with pytest.raises(SystemExit, match='error: Re-ranking works on features, and the file holds distances'):
        run('distances.npz', '--protocols', 'sysu/all', '--names', 'distmat=dist', '--rerank', 'aqe')


def test_a_metric_learned_on_training_features_has_a_row(run, feature_set):
    feature_set.save('features.npz')
    paths = [f'train/{path}' for path in feature_set.img_paths]
    labels = (getattr(feature_set, name) for name in ('features', 'pids', 'camids', 'modalities'))
    FeatureSet(*labels, paths).save('train.npz')
    options = ('features.npz', '--protocols', 'own/i2v', '--metric', 'hcml')
    output = run(*options, '--train-features', 'train.npz')
    assert [line.split('  ')[0] for line in output.splitlines()][3:] == ['ours', 'ours + hcml', 'chance']
    with pytest.raises(SystemExit, match='30 of its 30 images are tested too'):
        run(*options, '--train-features', 'features.npz')
    with pytest.raises(SystemExit, match='--metric and --train-features need each other'):
        run(*options)


def test_reranked_rows(run, feature_set):
    feature_set.save('features.npz')
    output = run('features.npz', '--protocols', 'own/i2v', '--rerank', 'k-reciprocal', 'aqe')
    rows = [line.split('  ')[0] for line in output.splitlines()]
    assert rows[3:] == ['ours', 'ours + k-reciprocal', 'ours + aqe', 'chance']


@pytest.mark.parametrize('people, told', [(40, True), (5, False)])  # with five, a guess is right one time in five
def test_features_at_chance_are_told_where_there_are_enough_images(run, people, told):
    pids, camids = (grid.ravel() for grid in np.meshgrid(np.arange(people), (1, 2, 3, 3, 6, 6)))
    noise = np.random.default_rng(1).standard_normal((len(pids), 8))
    np.savez('noise.npz', features=noise, pids=pids, camids=camids)
    assert ('warning: At chance: sysu/all (Rank-1' in run('noise.npz', '--protocols', 'sysu/all')) == told


def test_notes_are_printed_and_written(run, feature_set, folder):
    np.savez('all.npz', features=3 * feature_set.features, pids=feature_set.pids, camids=feature_set.camids)
    output = run('all.npz', '--protocols', 'sysu/indoor', '--out', 'results')
    notes = json.loads((folder / 'results/metrics.json').read_text())['notes']
    assert len(notes) == 3 and all(f'note: {note}' in output for note in notes)


def test_an_earlier_result_is_kept(run, theirs, folder):
    (folder / 'results').mkdir()
    (folder / 'results/metrics.json').write_text('of yesterday')
    with pytest.raises(SystemExit, match='error: results/metrics.json is of an earlier evaluation, and is not over'):
        run('pytorch_result.mat', '--protocols', 'sysu/all', '--out', 'results')
    assert (folder / 'results/metrics.json').read_text() == 'of yesterday'
    with pytest.raises(SystemExit, match='error: --out pytorch_result.mat is a file'):
        run('pytorch_result.mat', '--protocols', 'sysu/all', '--out', 'pytorch_result.mat')


@pytest.mark.parametrize(
    'arguments, message',
    [
        ([], 'error: pytorch_result.mat does not record its data set: name the protocols'),
        (['--protocols', 'sysu'], "error: There is no protocol 'sysu': did you mean"),
        (['--protocols', 'sysu/all-official'], 'error: .*--rand-perm-cam FILE'),
        (
            ['--protocols', 'sysu/all', '--references', 'hog'],
            'error: 30 of 30 images are not on disk .*all references but chance need',
        ),
        (['--protocols', 'sysu/all', 'own/v2i'], 'error: .* has one direction'),
    ],
)
def test_refusals(run, theirs, arguments, message):
    with pytest.raises(SystemExit, match=message):
        run('pytorch_result.mat', *arguments)
