"""tools/search.py on small pictures; their feature is what a stand-in for a model computes: the mean colour."""

import json
import os
import runpy
import sys
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import haresreid.apis
from haresreid.apis import Features
from haresreid.apis.inputs import open_images
from haresreid.evaluation import FeatureSet
from haresreid.files.files import file_hash
from haresreid.search import create_gallery
from haresreid.search.columns import modality_number
from haresreid.structures import Calibration
from haresreid.structures.calibration import Curve

ROOT = Path(__file__).parents[2]
COLOURS = {'red': (200, 20, 20), 'green': (20, 200, 20), 'blue': (20, 20, 200), 'orange': (220, 120, 20)}
MODEL = 'haresformer_synth'  # it ships: no other name is taken from an index
PATTERN = r'cam(?P<camera>\d+)/(?P<time>[^/_]*)_'


class MeanColour:
    """Stands in for :class:`VIReIDInferencer`."""

    def __init__(self, model, weights=None, device=None):
        if model != MODEL:
            raise ValueError(f'no model is called {model!r}')

    def __call__(self, inputs, modality=None, progress=True, unreadable='raise'):
        images = open_images(inputs)
        pixels = list(images.pixels)
        kept = [row for row, image in enumerate(pixels) if isinstance(image, np.ndarray)]
        features = np.stack([pixels[row].mean(axis=(0, 1)) for row in kept])
        kinds = [modality] * len(pixels) if modality in (None, 'visible') else modality
        modalities = [max(0, modality_number(kind)) for kind in kinds]
        return Features(
            features / np.linalg.norm(features, axis=1, keepdims=True),
            [images.names[row] for row in kept],
            np.array(modalities)[kept],
        )


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """day/camC/TIME_colour.png, an hour and a camera for each colour."""
    monkeypatch.setattr(haresreid.apis, 'VIReIDInferencer', MeanColour, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, 'fsync', lambda descriptor: None)  # the power does not fail here
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
    output = run('index', 'gallery', '--model', MODEL, '--pattern', PATTERN, '--modality', 'visible', 'day')
    assert output == 'Added 4 images; the index holds 4.\n'
    output = run('query', 'gallery', 'who.png', '--top', 2, '--picture', 'hits.png')
    lines = output.splitlines()
    head = ['rank', 'score', 'probability', 'id', 'camera', 'time', 'modality', 'path']
    assert lines[0] == 'who.png' and lines[1].split() == head
    rank, score, *_, camera, time, modality, path = lines[2].split()
    assert (rank, camera, time, modality) == ('1', '1', '2026-11-24T01:00:00Z', 'visible') and path.endswith('_red.png')
    assert float(score) > 0.99 and lines[3].endswith('_orange.png') and len(lines) == 6
    assert Image.open('hits.png').size[0] > 500

    assert '_orange.png' in run('query', 'gallery', 'who.png', '--exclude-cameras', 1, '--top', 1)
    hour = ('--since', '2026-11-24T02:00', '--until', '2026-11-24T03:00')
    assert '_green.png' in run('query', 'gallery', 'who.png', *hour)
    assert 'nothing fulfils the conditions' in run('query', 'gallery', 'who.png', '--modality', 'infrared')
    with redirect_stderr(StringIO()) as told:
        assert 'nothing fulfils the conditions' in run('query', 'gallery', 'who.png', '--cameras', 9)
    assert 'no image of camera 9: its cameras are 1, 2, 3, 4\n' in told.getvalue()

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


def test_tracks_conditions_of_its_own_and_a_copy(run, folder):
    gallery = create_gallery('gallery', 3, columns=dict(quality='float'))
    gallery.append(np.eye(3), ['a', 'b', 'c'], tracks=[5, None, 70], columns=dict(quality=[0.2, 0.8, None]))
    Features(np.ones((1, 3)) / 3**0.5, ['who'], np.zeros(1, int)).save('who.npz')
    lines = run('query', 'gallery', '--features', 'who.npz').splitlines()
    assert lines[1].split() == ['rank', 'score', 'id', 'camera', 'track', 'time', 'modality', 'path']
    assert [line.split()[4] for line in lines[2:5]] == ['5', '-', '70']
    assert run('query', 'gallery', '--features', 'who.npz', '--tracks', 70).splitlines()[2].endswith('  c')
    lines = run('query', 'gallery', '--features', 'who.npz', '--where', 'quality>0.1', 'quality < 0.8').splitlines()
    assert lines[2].endswith('  a') and len(lines) == 4
    assert run('copy', 'gallery', 'new', '--kind', 'ivf') == 'Copied 3 images to new.\n'
    assert 'first_seen float, last_seen float, person int, quality float' in run('stats', 'new')
    assert run('delete', 'new', '--where', 'quality>0') == 'Deleted 2 images; the index holds 1.\n'


def test_nobody(run, folder):
    run('index', 'gallery', '--model', MODEL, '--modality', 'visible', 'day')
    query = 'query', 'gallery', 'who.png', '--query-modality', 'visible'
    assert '_red.png' in run(*query, '--min-probability', 0.9)  # by the calibration of the model that ships
    Features(np.eye(1, 3), ['x.png'], [0]).save('x.npz')
    with pytest.raises(SystemExit, match='error: --min-probability needs a calibration'):
        run('query', 'gallery', '--features', 'x.npz', '--min-probability', 0.9)
    curve = Curve([0.98, 0.99], [0.0, 8.0], [-1.0, 7.0], [1.0, 9.0])
    Calibration({'visible-visible': curve}).save('a.json')
    with_it = (*query, '--calibration', 'a.json', '--min-probability')
    (hit,) = run(*with_it, 0.9).splitlines()[2:-1]  # the prior is 1 / 4
    assert '99.9 %' in hit and hit.endswith('_red.png')
    assert 'nobody: the best hit has the probability 74.9 %' in run(*with_it, 0.9, '--expected-images', 0.004)
    with pytest.raises(SystemExit):
        run(*with_it, 90)


def test_a_list(run, folder):
    files = sorted(Path('day').rglob('*.png'))
    lines = [f'{file},7,infrared\n' for file in files]
    Path('day.csv').write_text('path,camera,modality\n' + ''.join(lines))
    assert run('index', 'gallery', '--model', MODEL, '--list', 'day.csv') == 'Added 4 images; the index holds 4.\n'
    output = run('stats', 'gallery')
    assert 'infrared 4' in output and 'cameras             7 4' in output
    Path('day.csv').write_text('path,modality\n' + f'{files[0]},infrared\n' + f'{files[1]},\n')
    with pytest.raises(SystemExit, match='green.png is not given, and that of others is'):
        run('index', 'other', '--model', MODEL, '--list', 'day.csv')


def test_an_image_that_cannot_be_read_is_left_out(run, folder):
    Path('day/cam1/20261124T000000_cut.png').write_bytes(b'cut')
    output = run('index', 'gallery', '--model', MODEL, '--pattern', PATTERN, 'day')
    assert output == 'Added 4 images; the index holds 4.\n'
    assert '_red.png' in run('query', 'gallery', 'who.png', '--top', 1)
    Image.new('RGB', (8, 16), (20, 20, 210)).save('day/cam1/20261124T000000_cut.png')
    assert 'Added 1 images (9 left out, in it already' in run('add', 'gallery', '--pattern', PATTERN, 'day', 'day')


@pytest.mark.parametrize('spelled', ['./day', 'day/../day', 'today', '{}/day', '{}/today/'])
def test_a_file_is_one_file_however_it_is_spelled(run, folder, spelled, monkeypatch):
    (folder / 'today').symlink_to('day')
    run('index', 'gallery', '--model', MODEL, 'day')
    output = run('add', 'gallery', spelled.format(folder))
    assert output == 'Added 0 images (4 left out, in it already or listed twice); the index holds 4.\n'
    monkeypatch.chdir('day/cam1')
    assert 'Added 0 images (1 left out' in run('add', '../../gallery', '.')
    output = run('index', '../../other', '--model', MODEL, '../../today', '..', '../../day/cam1/../cam2')
    assert output == 'Added 4 images (5 left out, in it already or listed twice); the index holds 4.\n'
    assert '_red.png' in run('query', '../../gallery', '../../who.png', '--top', 1, '--picture', 'hits.png')


def test_two_that_add_at_once_add_each_image_once_and_count_their_own(run, folder, monkeypatch, capsys):
    """While the first computes features, the second adds some of the same images."""
    run('index', 'gallery', '--model', MODEL, 'day/cam1')
    compute = MeanColour.__call__

    def meanwhile(self, inputs, *args, **kwargs):
        monkeypatch.setattr(MeanColour, '__call__', compute)
        monkeypatch.setattr(sys, 'argv', ['search.py', 'add', 'gallery', 'day/cam2', f'{folder}/day/cam3'])
        runpy.run_path(str(ROOT / 'tools/search.py'), run_name='__main__')
        return compute(self, inputs, *args, **kwargs)

    monkeypatch.setattr(MeanColour, '__call__', meanwhile)
    assert run('add', 'gallery', 'day').splitlines() == [
        'Added 2 images; the index holds 3.',
        'Added 1 images (3 left out, in it already or listed twice); the index holds 4.',
    ]


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(camids=np.array([1, 2, 2**31])), "row 2: camera '2147483648' is no whole number from 0 to 2147483647"),
        (dict(camids=np.array([1, 2.5, 3])), "row 1: camera '2.5' is no whole number"),
        (dict(camids=np.array([1, 2])), '3 features have 2 values of camera'),
        (dict(modalities=np.array([0, 1, 7])), "modalities, row 2: '7' is no whole number from 0 to 1"),
    ],
)
def test_columns_that_cannot_be_kept_are_told_before_an_index_is_made(run, folder, change, message):
    arrays = dict(features=np.eye(3, dtype='f4'), img_paths=np.array(['a', 'b', 'c']), modalities=np.zeros(3, int))
    np.savez('dump.npz', **{**arrays, 'camids': np.array([1, np.nan, 3]), **change})
    with pytest.raises(SystemExit, match=f'error: dump.npz: {message}'):
        run('index', 'gallery', '--features', 'dump.npz')
    assert not (folder / 'gallery').exists()
    np.savez('dump.npz', **arrays, camids=np.array([1, np.nan, 3]))
    run('index', 'gallery', '--features', 'dump.npz')
    assert 'cameras             unknown 1, 1 1, 3 1' in run('stats', 'gallery')


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['query', 'gallery', 'who.png', '--cameras', 10**11], "camera '100000000000' is no whole number from 0 to"),
        (['query', 'gallery', 'who.png', '--until', 'noon'], "'noon' is no time"),
        (['add', 'gallery', '--list', 'list.csv'], "list.csv, line 2: camera '99999999999' is no whole number"),
        (
            ['add', 'gallery', '--pattern', r'(?P<camera>\d+)', '20261124200000000000.png'],
            "camera '2026.*' is no whole",
        ),
    ],
)
def test_what_is_wrong_is_told_before_features_are_computed(run, folder, monkeypatch, arguments, message):
    run('index', 'gallery', '--model', MODEL, 'day')
    Path('list.csv').write_text('path,camera\nwho.png,99999999999\n')
    Path('20261124200000000000.png').write_bytes(Path('who.png').read_bytes())
    monkeypatch.setattr(MeanColour, '__init__', lambda *args: pytest.fail('a model is made'))
    with pytest.raises(SystemExit, match=f'error: .*{message}'):
        run(*arguments)


def test_names_of_a_recorder_in_its_own_time(run, folder):
    Path('day/cam1/Thumbs.png').write_bytes(Path('who.png').read_bytes())
    options = ('--pattern', PATTERN, '--skip-unmatched', '--timezone', 'Europe/Berlin')
    run('index', 'gallery', '--model', MODEL, *options, 'day')
    assert '2026-11-24T00:00:00Z' in run('query', 'gallery', 'who.png', '--top', 1)
    hour = ('--since', '2026-11-24 01:00', '--until', '2026-11-24 02:00')
    assert '_red.png' in run('query', 'gallery', 'who.png', *hour, '--timezone', '+01:00')
    assert '_red.png' not in run('query', 'gallery', 'who.png', *hour)


@pytest.fixture
def video(folder):
    """cam7/2026.11.24-22.15.00.avi: a red square that stands for ten frames."""
    (folder / 'cam7').mkdir()
    path = folder / 'cam7/2026.11.24-22.15.00.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 64))
    pixels = np.full((64, 64, 3), 120, np.uint8)
    pixels[8:56, 8:32] = COLOURS['red'][::-1]
    for _ in range(10):
        writer.write(pixels)
    writer.release()
    rows = ''.join(f'{frame},8,8,32,56,4\n' for frame in range(10))
    (folder / 'boxes.csv').write_text(f'frame,x1,y1,x2,y2,track\n{rows}')
    return path


def test_a_track_of_a_video_is_a_hit(run, folder, video):
    run('index', 'gallery', '--model', MODEL, 'day')
    options = ('--boxes', 'boxes.csv', '--pattern', r'cam(?P<camera>\d+)/(?P<time>[\d.-]*)\.avi')
    output = run('add', 'gallery', video, *options, '--timezone', '+01:00', '--modality', 'visible')
    assert output.startswith(f'{video}: added 1 tracks; the index holds 5.\nPictures: gallery_crops/2026.11.24-')
    found = run('query', 'gallery', 'who.png', '--cameras', 7, '--picture', 'hits.png').splitlines()[2].split()
    assert found[0] == '1' and float(found[1]) > 0.99
    camera, track, time, modality, path = found[-5:]
    assert (camera, track, modality) == ('7', '4', 'visible') and time.startswith('2026-11-24T21:15:00')
    assert path.endswith('/000004/best.jpg') and Path(path).is_file()
    assert 'added 0 tracks (1 left out, in it already)' in run('add', 'gallery', video, *options)
    run('index', 'other', '--model', MODEL, video, '--boxes', 'boxes.csv', '--start', '2026-11-24', '--camera', 2)
    assert 'cameras             2 1' in run('stats', 'other')


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['cam7/2026.11.24-22.15.00.avi', 'day'], 'day is no video, and other inputs are'),
        (['no.avi'], 'There is no video no.avi'),
        (['{video}', '--boxes', 'boxes.csv', '--detector', 'hog'], '--boxes says where the people are'),
        (['{video}', '{video}', '--start', '2026-11-24'], '--start, --boxes and --crops are about one video'),
        (['{video}', '--boxes', 'boxes.csv', '--start', 'noon'], "'noon' is no time"),
        (['day', '--boxes', 'boxes.csv'], '--boxes is about videos, and none is given'),
        (['{video}', '--boxes', 'none.csv'], 'There is no file of boxes none.csv'),
    ],
)
def test_videos_that_cannot_be_added(run, video, arguments, message):
    run('index', 'gallery', '--model', MODEL, 'day')
    with pytest.raises(SystemExit, match=f'error: .*{message}'):
        run('add', 'gallery', *(argument.format(video=video) for argument in arguments))


def test_ids_of_twenty_digits(run):
    run('index', 'gallery', '--model', MODEL, 'day')
    with pytest.raises(SystemExit, match="error: id '9{20}' is no whole number from -9223372036854775808 to"):
        run('delete', 'gallery', '--ids', '9' * 20)


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
    run('index', 'gallery', '--model', MODEL, 'day')
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


ESCAPES = 'a\x1b]0;owned\x07\n.png'


def test_names_cannot_command_the_terminal(run, folder):
    Image.new('RGB', (8, 16), 'red').save(Path('day', ESCAPES))
    run('index', 'gallery', '--model', MODEL, 'day')
    output = run('query', 'gallery', Path('day', ESCAPES))
    assert output.splitlines()[0] == r'day/a\x1b]0;owned\x07\n.png' and output.count(r'\x1b]0;owned\x07\n.png') == 2
    assert all(map(str.isprintable, output.split('\n')))
    with pytest.raises(SystemExit, match=r'error: There is no image b\\x1b\[2J\.png'):
        run('query', 'gallery', 'b\x1b[2J.png')


def test_a_column_that_nothing_reads_is_refused_before_a_model_is_built(run, folder, monkeypatch):
    monkeypatch.setattr(haresreid.apis, 'VIReIDInferencer', None)
    Path('day.csv').write_text('path,cam\nwho.png,1\n')
    with pytest.raises(SystemExit, match="unknown column 'cam': did you mean 'camera'"):
        run('index', 'new', '--model', MODEL, '--list', 'day.csv')


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['stats', 'nowhere'], 'There is no index in nowhere'),
        (['query', 'nowhere', 'who.png'], 'There is no index in nowhere'),
        (['index', 'day', '--model', MODEL, 'who.png'], 'day is there already and not empty'),
        (['index', 'new', 'who.png'], 'say with --model which model computes the features'),
        (['index', 'new', '--model', MODEL], 'say what to index in one way: IMAGES or --list or --features'),
        (['index', 'new', '--model', MODEL, 'who.png', '--list', 'x.csv'], 'in one way'),
        (['index', 'new', '--model', MODEL, 'nobody.png'], 'There is no image nobody.png'),
        (
            ['index', 'new', '--model', MODEL, 'who.png', '--pattern', r'(?P<camera>\d)'],
            r"1 of 1 paths do not match --pattern '\(\?P<camera>\\d\)'",
        ),
        (['index', 'new', '--model', MODEL, 'who.png', '--skip-unmatched'], 'give both'),
        (['index', 'new', '--model', MODEL, 'who.png', '--timezone', 'Berlin'], "'Berlin' is no time zone known here"),
        (['index', 'new', '--model', MODEL, '--weights', 'no.pth', 'who.png'], 'there are no weights no.pth'),
        (['index', 'new', '--features', 'no.npz'], "There is no feature file 'no.npz'"),
        (
            ['query', 'gallery', 'who.png', '--model', 'other'],
            'holds features of haresformer_synth with its own weights',
        ),
        (['query', 'gallery', 'who.png', '--since', 'noon'], "'noon' is no time"),
        (['delete', 'gallery'], 'say what to delete'),
    ],
)
def test_one_clear_sentence(run, folder, arguments, message):
    run('index', 'gallery', '--model', MODEL, 'day')
    before = sorted(path for path in folder.rglob('*') if path.name != 'lock')
    with pytest.raises(SystemExit, match=message) as error:
        run(*arguments)
    assert str(error.value).startswith('error: ') and '\n' not in str(error.value)
    assert sorted(path for path in folder.rglob('*') if path.name != 'lock') == before


def test_tracks_become_people(run, folder):
    """One infrared camera sees red and blue, another one orange, which is a little like red, and blue twice."""
    for camera, colours in ((5, ('red', 'blue')), (6, ('orange', 'blue', 'blue'))):
        for number, colour in enumerate(colours):
            path = folder / f'night/cam{camera}/{colour}_{number}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new('RGB', (8, 16), COLOURS[colour]).save(path)
    pattern = r'cam(?P<camera>\d+)/.*_(?P<track>\d)'
    run('index', 'gallery', '--model', MODEL, '--modality', 'infrared', '--pattern', pattern, 'night')
    people = ('--evaluate', r'cam\d/(?P<person>[a-z]*)_')
    output = run('assign', 'gallery', '--min-similarity', 0.99, *people, '--events', 'events.jsonl')
    assert output.startswith('5 tracks show 3 people; 5 of 5 rows changed.\n3 people in truth; IDF1 100.0')
    assert [json.loads(line)['id'] for line in Path('events.jsonl').read_text().splitlines()] == [0, 1, 0, 0, 4]
    lines = run('query', 'gallery', 'who.png', '--top', 2).splitlines()
    assert lines[1].split()[-5:-3] == ['track', 'person'] and lines[2].split()[-5:-3] == ['0', '1']
    output = run('assign', 'gallery', '--min-similarity', 0.8, '--events', '-')
    assert [json.loads(line)['camera'] for line in output.splitlines()] == [5, 5, 6, 6, 6]
    curve = Curve([0.98, 0.99], [-1.0, 8.0], [-1.0, 7.0], [0.0, 9.0])
    Calibration({'infrared-infrared': curve}).save('a.json')
    assert '5 tracks show 3 people' in run('assign', 'gallery', '--calibration', 'a.json')
    Features(np.eye(2, 3), ['x.png', 'y.png'], [0, 0]).save('x.npz')
    run('index', 'other', '--features', 'x.npz')
    with pytest.raises(SystemExit, match='error: no calibration says which similarity means one person'):
        run('assign', 'other')
    with pytest.raises(SystemExit, match='error: --min-similarity is for a model without a calibration'):
        run('assign', 'other', '--min-similarity', 0.5, '--min-probability', 0.5)
    for wrong, message in (
        (('nan',), 'is no cosine similarity'),
        ((0.5, '--events', 'no/e.jsonl'), 'there is no folder no'),
    ):
        with pytest.raises(SystemExit, match=message):  # before people are written
            run('assign', 'other', '--min-similarity', *wrong)
    create_gallery('old', 3).append(np.eye(3), ['a', 'b', 'c'])
    with pytest.raises(SystemExit, match='error: the gallery has no column for the person'):
        run('assign', 'old', '--min-similarity', 0.5)
    run('copy', 'old', 'new')
    assert '3 tracks show 3 people' in run('assign', 'new', '--min-similarity', 0.5)


def test_privacy(run, folder, video, monkeypatch):
    monkeypatch.setenv('HARESREID_BLUR_HEADS', '1')
    run('index', 'gallery', '--model', MODEL, '--modality', 'visible', '--pattern', PATTERN, 'day')
    Path('boxes.csv').write_text('frame,x1,y1,x2,y2,track\n' + ''.join(f'{n},8,6,32,56,7\n' for n in range(10)))
    tracks = ('--boxes', 'boxes.csv', '--modality', 'visible')
    run('add', 'gallery', video, *tracks, '--start', '2026-11-25T22:15')
    (best,) = Path('gallery_crops').rglob('best.jpg')
    above = np.asarray(Image.open(best)).astype(int)[0]
    assert np.abs(above - 120).max() > 30  # grey in the frame, and a soft mixture with red here

    Path('gallery_audit.jsonl').touch()
    run('query', 'gallery', 'who.png', 'who.png', '--top', 2, '--cameras', 1, '--user', 'ana')
    lines = [json.loads(line) for line in Path('gallery_audit.jsonl').read_text().splitlines()]
    assert [(line['who'], line['hits'], line['cameras'], line['top']) for line in lines] == [('ana', 1, [1], 2)] * 2

    run('assign', 'gallery', '--min-similarity', 0.9999)
    lines = run('query', 'gallery', 'who.png', '--tracks', 7).splitlines()
    person = lines[2].split()[-4]
    output = run('delete', 'gallery', '--person', person)
    assert output == 'Erased 1 images and 11 pictures of them; the index holds 4.\n' and not best.parent.exists()
    assert run('delete', 'gallery', '--cameras', 4, '--erase').startswith('Erased 1 images and 0 pictures')
    monkeypatch.setattr(time, 'time', lambda: 1.8e9)  # a winter later
    assert run('expire', 'gallery', '--older-than', '10w').startswith('Erased 0 images')
    assert run('expire', 'gallery', '--older-than', '30d').startswith('Erased 3 images') and Path('day/cam1').exists()
    run('add', 'gallery', '--modality', 'visible', 'who.png')
    assert run('expire', 'gallery', '--older-than', '30d').endswith('1 images have no time, so they never expire.\n')
    with pytest.raises(SystemExit):
        run('expire', 'gallery', '--older-than', 'soon')
    with pytest.raises(SystemExit):
        run('expire', 'gallery', '--older-than', '0d')
