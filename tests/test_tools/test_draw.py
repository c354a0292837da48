"""tools/analysis/draw.py, in this process."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.config.config import load_config
from haresreid.evaluation import FeatureSet, evaluate, protocol_by_name, results_to_dict
from haresreid.evaluation.functional import l2_normalize
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def draw(monkeypatch, capsys):
    """Runs the tool and gives its output."""

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['draw.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/draw.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture
def features(folder):
    """6 people in SYSU-MM01's cameras, as a dump, and its images."""
    rng = np.random.default_rng(0)
    pids, camids = (part.ravel() for part in np.meshgrid(range(6), range(1, 7), indexing='ij'))
    paths = [f'{pid}_{camid}.png' for pid, camid in zip(pids, camids)]
    for path in paths:
        Image.fromarray(rng.integers(0, 255, (96, 48, 3), dtype=np.uint8)).save(path)
    vectors = l2_normalize(rng.standard_normal((6, 8))[pids] + rng.standard_normal((36, 8)))
    info = dict(dataset=dict(dataset='SYSU-MM01', subset='test'))
    feature_set = FeatureSet(vectors, pids, camids, np.isin(camids, (3, 6)), paths, info)
    feature_set.save('ours.npz')
    return feature_set


@pytest.fixture
def model(features):
    """A config of these images, and a checkpoint of it: the paths."""
    lines = [
        f'{path},{pid},{camid},{"infrared" if modality else "visible"},test'
        for path, pid, camid, modality in zip(features.img_paths, features.pids, features.camids, features.modalities)
    ]
    Path('manifest.csv').write_text('\n'.join(['path,pid,camera,modality,split', *lines]))
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    pipeline = cfg.test_dataloader.dataset.pipeline
    cfg.test_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.test_dataloader.dataset = dict(type='ManifestDataset', subset='test', pipeline=pipeline)
    cfg.dump('own.py')
    init_default_scope('haresreid')
    torch.manual_seed(0)
    torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, 'model.pth')
    return 'own.py', 'model.pth'


def written(name):
    return all(Path(f'work_dirs/figures/{name}{suffix}').stat().st_size > 1000 for suffix in ('.png', '.svg'))


@pytest.mark.parametrize(
    'arguments',
    [
        ('similarity',),
        ('tsne', '--pids', 2, 4),
        ('ranked', '--queries', 'hardest', '--num-queries', 2, '--top', 3),
        ('ranked', '--queries', '2', '5_6.png', '--protocol', 'own/i2v', '--top', 2),
        ('cmc', '--references', 'chance', '--protocol', 'sysu/indoor'),
    ],
)
def test_from_a_dump(draw, features, arguments):
    figure, *options = arguments
    stem = f'work_dirs/figures/{figure}'
    assert draw(figure, 'ours.npz', *options) == f'Figure: {stem}.png, {stem}.svg\n'
    assert written(figure)


def test_from_a_checkpoint_beside_a_dump(draw, features, model):
    draw('similarity', 'ours.npz', *model, '--names', 'dump', 'model', '--out', 'fig7.svg')
    assert Path('fig7.svg').exists() and not Path('fig7.png').exists()
    draw('cmc', *model)  # of own data: own/v2i
    assert written('cmc')


def test_cams(draw, features, model):
    draw('cam', *model, '--images', '1_1.png', '--layers', 'RE4', 'CFFM4', '--out', 'one.png')
    draw('cam', *model, *model, '--names', 'a', 'b', '--num-people', 1, '--out', 'two.png')
    one, two = Image.open('one.png').size, Image.open('two.png').size
    assert one[0] == two[0] and one[1] < two[1]  # as many columns, a row less
    with pytest.raises(SystemExit, match='error: nobody.png is none of the 36 test images, which are like .*0_1.png'):
        draw('cam', *model, '--images', 'nobody.png', '--out', 'three')
    with pytest.raises(SystemExit, match='error: Grad-CAM needs a model: give CONFIG.py .* instead of ours.npz'):
        draw('cam', 'ours.npz', '--out', 'three')


def test_results_of_an_evaluation_and_features_agree(draw, features, monkeypatch):
    result = evaluate(features, protocol_by_name('sysu/all'))
    Path('run').mkdir()
    Path('run/metrics.json').write_text(json.dumps(results_to_dict({'sysu/all': dict(ours=result)}, features)))
    given = {}
    monkeypatch.setattr('haresreid.visualization.draw_cmc_curves', lambda results, *others: given.update(results))
    draw('cmc', 'run/metrics.json', 'ours.npz', '--references')
    assert list(given) == ['run', 'ours']
    assert given['run']['protocols'] == given['ours']['protocols']


def test_curves_of_runs(draw):
    for run in ('a', 'b'):
        Path(run, '1/vis_data').mkdir(parents=True)
        Path(run, '1/vis_data/scalars.json').write_text('{"loss": 1.0, "acc_id": 2.0, "step": 5}\n')
    draw('curves', 'a')
    draw('curves', 'a', 'b', '--out', 'two')
    assert written('curves') and Path('two.svg').exists()
    with pytest.raises(SystemExit, match='error: There is no .* in nowhere: give the work directory of a training'):
        draw('curves', 'nowhere', '--out', 'three')


def test_lambda_and_cost(draw):
    Path('table.csv').write_text('protocol,source,lambda_3,R1,mAP\nsysu/all,paper,0.5,65.92,60.37\n')
    draw('lambda', 'table.csv')
    draw('cost', ROOT / 'configs/haresformer_synth.py')
    assert written('lambda') and written('cost')


def test_a_figure_is_not_overwritten_unasked(draw, features):
    Path('mine.png').write_text('of yesterday')
    with pytest.raises(SystemExit, match='error: mine.png is there already: add --overwrite to replace it'):
        draw('similarity', 'ours.npz', '--out', 'mine')
    assert Path('mine.png').read_text() == 'of yesterday' and not Path('mine.svg').exists()
    draw('similarity', 'ours.npz', '--out', 'mine', '--overwrite')
    assert Image.open('mine.png').size[0] > 1000


@pytest.mark.parametrize(
    'arguments, message',
    [
        (
            ['tsne', 'ours.txt'],
            'error: ours.txt is no source of a figure: give FEATURES.npz or CONFIG.py CHECKPOINT.pth',
        ),
        (['tsne', 'own.py'], 'error: A config is followed by its checkpoint .* and own.py by nothing'),
        (
            ['tsne', 'haresformer_synth'],
            'error: A config is followed by its checkpoint .*/haresformer_synth.py by nothing',
        ),
        (
            ['tsne', 'ours.npz', 'ours.npz'],
            'error: 2 sources need as many different names, not ours, ours: give --names',
        ),
        (['ranked', 'ours.npz', 'a.npz'], 'error: Ranked lists are of one source, and 2 are given'),
        (['similarity', 'ours.npz', '--out', 'fig.jpeg'], "error: fig.jpeg ends in '.jpeg': a figure is written as"),
    ],
)
def test_refusals(draw, features, arguments, message):
    with pytest.raises(SystemExit, match=message):
        draw(*arguments)


def test_features_without_a_data_set_need_a_protocol(draw, features):
    features.info = {}
    features.save('foreign.npz')
    with pytest.raises(SystemExit, match='error: The features do not record their data set: give --protocol, one of'):
        draw('ranked', 'foreign.npz')


def test_a_missing_extra_is_told_before_any_work(draw, monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(SystemExit, match=r"error: this needs the package 'sklearn', .*\[figures\]"):
        draw('tsne', 'ours.npz')
