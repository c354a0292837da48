"""tools/search.py on small pictures; their feature is what a stand-in for a model computes: the mean colour."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import haresreid.apis
from haresreid.apis import Features
from haresreid.apis.inputs import open_images
from haresreid.evaluation import FeatureSet
from haresreid.search.filters import modality_number
from haresreid.utils.files import file_hash

ROOT = Path(__file__).parents[2]
COLOURS = {'red': (200, 20, 20), 'green': (20, 200, 20), 'blue': (20, 20, 200), 'orange': (220, 120, 20)}
PATTERN = r'cam(?P<camera>\d+)/(?P<time>[^/_]*)_'


class MeanColour:
    """Stands in for :class:`VIReIDInferencer`."""

    def __init__(self, model, weights=None, device=None):
        if model != 'haresformer_synth':
            raise ValueError(f'no model is called {model!r}')

    def __call__(self, inputs, modality=None, progress=True, unreadable='raise'):
        images = open_images(inputs)
        pixels = list(images.pixels)
        kept = [row for row, image in enumerate(pixels) if isinstance(image, np.ndarray)]
        features = np.stack([pixels[row].mean(axis=(0, 1)) for row in kept])
        kinds = [modality] * len(pixels) if modality in (None, 'visible') else modality
        modalities = [max(0, modality_number(kind)) for kind in kinds]
        return Features(features / np.linalg.norm(features, axis=1, keepdims=True), [images.names[row] for row in kept],
                        np.array(modalities)[kept])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """day/camC/TIME_colour.png, an hour and a camera for each colour."""
    monkeypatch.setattr(haresreid.apis, 'VIReIDInferencer', MeanColour, raising=False)
    monkeypatch.chdir(tmp_path)
    for number, (name, colour) in enumerate(COLOURS.items(), start=1):
        path = tmp_path / f'day/cam{number}/20261124T{number:02d}0000_{name}.png'
        path.parent.mkdir(parents=True)
        Image.new('RGB', (8, 16), colour).save(path)
    Image.new('RGB', (8, 16), (210, 30, 20)).save('who.png')
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['search.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/search.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


def test_index_query_add_delete_compact(run, folder):
    output = run('index', 'gallery', '--model', 'haresformer_synth', '--pattern', PATTERN, '--modality', 'visible', 'day')
    assert output == 'Added 4 images; the index holds 4.\n'
    output = run('query', 'gallery', 'who.png', '--top', 2, '--picture', 'hits.png')
    lines = output.splitlines()
    assert lines[0] == 'who.png' and lines[1].split() == ['rank', 'score', 'id', 'camera', 'time', 'modality', 'path']
    rank, score, ident, camera, time, modality, path = lines[2].split()
    assert (rank, camera, time, modality) == ('1', '1', '2026-11-24T01:00:00Z', 'visible') and path.endswith('_red.png')
    assert float(score) > .99 and lines[3].endswith('_orange.png') and len(lines) == 6
    assert Image.open('hits.png').size[0] > 500

    assert '_orange.png' in run('query', 'gallery', 'who.png', '--exclude-cameras', 1, '--top', 1)
    hour = ('--since', '2026-11-24T02:00', '--until', '2026-11-24T03:00')
    assert '_green.png' in run('query', 'gallery', 'who.png', *hour)
    assert 'nothing fulfils the conditions' in run('query', 'gallery', 'who.png', '--modality', 'infrared')

    Image.new('RGB', (8, 16), (211, 30, 20)).save('day/cam1/20261124T090000_red.png')
    output = run('add', 'gallery', '--pattern', PATTERN, 'day')
    assert output == 'Added 1 images (4 left out, in it already or listed twice); the index holds 5.\n'
    assert run('delete', 'gallery', '--cameras', 3, 4) == 'Deleted 2 images; the index holds 3.\n'
    output = run('compact', 'gallery', '--kind', 'ivf')
    assert 'rows                3\n' in output and 'deleted             0\n' in output
    assert 'kind                ivf\n' in output
    output = run('stats', 'gallery')
    assert 'cameras             1 2, 2 1' in output and '2026-11-24T01:00:00Z to 2026-11-24T09:00:00Z' in output
    assert 'model haresformer_synth' in output


def test_a_list(run, folder):
    files = sorted(Path('day').rglob('*.png'))
    lines = [f'{file},7,infrared\n' for file in files]
    Path('day.csv').write_text('path,camera,modality\n' + ''.join(lines))
    assert run('index', 'gallery', '--model', 'haresformer_synth', '--list', 'day.csv') == 'Added 4 images; the index holds 4.\n'
    output = run('stats', 'gallery')
    assert 'infrared 4' in output and 'cameras             7 4' in output
    Path('day.csv').write_text('path,modality\n' + f'{files[0]},infrared\n' + f'{files[1]},\n')
    with pytest.raises(SystemExit, match='green.png is not given, and that of others is'):
        run('index', 'other', '--model', 'haresformer_synth', '--list', 'day.csv')


def test_an_image_that_cannot_be_read_is_left_out(run, folder):
    Path('day/cam1/20261124T000000_cut.png').write_bytes(b'cut')
    output = run('index', 'gallery', '--model', 'haresformer_synth', '--pattern', PATTERN, 'day')
    assert output == 'Added 4 images; the index holds 4.\n'
    assert '_red.png' in run('query', 'gallery', 'who.png', '--top', 1)
    Image.new('RGB', (8, 16), (20, 20, 210)).save('day/cam1/20261124T000000_cut.png')
    assert 'Added 1 images (9 left out, in it already' in run('add', 'gallery', '--pattern', PATTERN, 'day', 'day')


def test_features_of_a_run(run, folder):
    features = np.eye(3, 4, dtype=np.float32)
    FeatureSet(features, [1, 2, 3], [1, 2, 6], [0, 0, 1], ['a.jpg', 'b.jpg', 'c.jpg']).save('dump.npz')
    assert run('index', 'gallery', '--features', 'dump.npz', '--kind', 'hnsw') == 'Added 3 images; the index holds 3.\n'
    assert 'cameras             1 1, 2 1, 6 1' in run('stats', 'gallery')
    Features(features[2:], ['c.jpg'], [1]).save('query.npz')
    output = run('query', 'gallery', '--features', 'query.npz', '--top', 1)
    assert output.splitlines()[2].split() == ['1', '1.0000', '2', '6', '-', 'infrared', 'c.jpg']
    with pytest.raises(SystemExit, match='error: no picture: 2 of 2 images are not on disk, the first is c.jpg'):
        run('query', 'gallery', '--features', 'query.npz', '--top', 1, '--picture', 'hits.png')
    with pytest.raises(SystemExit, match='error: say with --model which model .* was made from features'):
        run('query', 'gallery', 'who.png')


@pytest.mark.parametrize('command', ['query', 'add'])
def test_an_index_from_somebody_else_runs_no_code(run, folder, command):
    """The folder of the index holds a config and a checkpoint, and its manifest names them; the hashes are right."""
    run('index', 'gallery', '--model', 'haresformer_synth', 'day')
    for place in (folder / 'gallery', folder, folder / 'day'):
        (place / 'evil.py').write_text(f'open({str(folder / "code_ran")!r}, "w")')
        (place / 'evil.pth').write_bytes(b'weights')
    paths = ('evil', 'evil.py', './evil.py', 'gallery/evil.py', '../evil.py', str(folder / 'evil.py'), 'day/evil.py')
    for model in (*paths, str(folder / 'gallery/evil.py')):
        for weights in (None, 'gallery/evil.pth', str(folder / 'evil.pth')):
            forge(folder, model=model, weights=weights, hash=weights and file_hash(weights))
            with pytest.raises(SystemExit, match='error: gallery was made with evil.* name it again with --model'):
                run(command, 'gallery', 'who.png')
    assert not (folder / 'code_ran').exists()
    assert '_red.png' not in run('stats', 'gallery')


def forge(folder: Path, **info) -> None:
    manifest = json.loads((folder / 'gallery/index.json').read_text())
    (folder / 'gallery/index.json').write_text(json.dumps({**manifest, 'info': info}))


@pytest.mark.parametrize('arguments, message', [
    (['stats', 'nowhere'], 'There is no index in nowhere'),
    (['query', 'nowhere', 'who.png'], 'There is no index in nowhere'),
    (['index', 'day', '--model', 'haresformer_synth', 'who.png'], 'day is there already and not empty'),
    (['index', 'new', 'who.png'], 'say with --model which model computes the features'),
    (['index', 'new', '--model', 'haresformer_synth'], 'say what to index in one way: IMAGES or --list or --features'),
    (['index', 'new', '--model', 'haresformer_synth', 'who.png', '--list', 'x.csv'], 'in one way'),
    (['index', 'new', '--model', 'haresformer_synth', 'nobody.png'], 'There is no image nobody.png'),
    (['index', 'new', '--model', 'haresformer_synth', 'who.png', '--pattern', r'(?P<camera>\d)'], "is not found in 'who.png'"),
    (['index', 'new', '--model', 'haresformer_synth', '--weights', 'no.pth', 'who.png'], 'there are no weights no.pth'),
    (['index', 'new', '--features', 'no.npz'], 'There are no features at no.npz'),
    (['query', 'gallery', 'who.png', '--model', 'other'], 'holds features of haresformer_synth with its own weights'),
    (['query', 'gallery', 'who.png', '--since', 'noon'], "'noon' is no time"),
    (['query', 'gallery', 'who.png', '--top', '0'], 'top must be at least 1'),
    (['delete', 'gallery'], 'say what to delete'),
])
def test_one_clear_sentence(run, folder, arguments, message):
    run('index', 'gallery', '--model', 'haresformer_synth', 'day')
    before = sorted(path for path in folder.rglob('*') if path.name != 'lock')
    with pytest.raises(SystemExit, match=message) as error:
        run(*arguments)
    assert str(error.value).startswith('error: ') and '\n' not in str(error.value)
    assert sorted(path for path in folder.rglob('*') if path.name != 'lock') == before
