"""Whose word counts for the model of an index: a name or an .onnx file may be the index's, all else is the user's."""

import json
from pathlib import Path

import pytest

from haresreid.files.files import file_hash
from haresreid.search.index_model import index_model

NAME = 'haresformer_synth'


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """A folder ``gallery`` beside models that may run, and others elsewhere."""
    monkeypatch.chdir(tmp_path)
    for place in ('gallery', 'elsewhere'):
        (tmp_path / place).mkdir()
    for name in ('beside.onnx', 'gallery/inside.onnx', 'elsewhere/far.onnx', 'model.py', 'model.pth'):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_model_that_ships():
    info = dict(model=NAME, weights=None, hash=None)
    assert index_model('gallery', {}, NAME) == index_model('gallery', info) == (NAME, info)


@pytest.mark.parametrize('name', ['beside.onnx', 'gallery/inside.onnx'])
@pytest.mark.parametrize('at', ['gallery', './gallery/', '../{}/gallery'])
def test_an_onnx_file_in_the_folder_or_beside_it(folder, name, at):
    opened, info = index_model('gallery', {}, name)
    assert opened == name
    assert info == dict(model=Path(name).name, weights=None, hash=file_hash(name))  # no path of this machine
    opened, same = index_model(at.format(folder.name), info)
    assert same == info and Path(opened).read_text() == name


def test_an_index_that_is_the_working_directory(folder, monkeypatch):
    _, info = index_model('gallery', {}, 'beside.onnx')
    monkeypatch.chdir('gallery')
    assert Path(index_model('.', info)[0]).read_text() == 'beside.onnx'


@pytest.mark.parametrize(
    'model',
    [
        'far.onnx',
        'elsewhere/far.onnx',
        '../elsewhere/far.onnx',
        '/etc/far.onnx',
        'link.onnx',
        'loop.onnx',
        '\x1b[2J.onnx',
        '..onnx',
        'folder.onnx',
    ],
)
def test_no_other_onnx_file_is_taken_from_an_index(folder, model):
    (folder / 'gallery/link.onnx').symlink_to(folder / 'elsewhere/far.onnx')
    (folder / 'gallery/loop.onnx').symlink_to('loop.onnx')
    (folder / 'gallery/folder.onnx').mkdir()
    with pytest.raises(
        ValueError,
        match='gallery was made with .*onnx, and no such file lies in it or beside it: say with --model where',
    ) as error:
        index_model('gallery', dict(model=model, weights=None, hash=None))
    assert str(error.value).isprintable()


def test_the_user_may_name_any(folder):
    for model, weights in (('elsewhere/far.onnx', None), ('model.py', 'model.pth'), ('agw_sysu', 'model.pth')):
        opened, info = index_model('gallery', {}, model, weights)
        assert opened == model and '/' not in json.dumps(info) and len(info['hash']) == 16
        assert index_model('gallery', info, model, weights) == (model, info)
        with pytest.raises(ValueError, match='gallery was made with .*--model'):
            index_model('gallery', info)


@pytest.mark.parametrize('model', [5, ['haresformer_synth'], {}, '', 'agw_sysu', 'model.py', '../model.py', '.py'])
@pytest.mark.parametrize('weights', [None, 'model.pth', 7])
def test_nothing_else_is_taken_from_an_index(model, weights):
    with pytest.raises(ValueError, match='which does not ship with haresreid; since a config is code .* with --model'):
        index_model('gallery', dict(model=model, weights=weights, hash='0' * 16))


def test_weights_with_a_model_that_ships_are_named_again():
    _, info = index_model('gallery', {}, NAME, 'model.pth')
    with pytest.raises(ValueError, match='haresformer_synth with model.pth .* with --model and --weights'):
        index_model('gallery', info)
    with pytest.raises(ValueError, match='--weights model.pth are of a model: name it with --model'):
        index_model('gallery', info, None, 'model.pth')


def test_another_model_is_refused(folder):
    _, info = index_model('gallery', {}, 'beside.onnx')
    (folder / 'elsewhere/beside.onnx').write_text('of another training')
    for other in (NAME, 'gallery/inside.onnx', 'elsewhere/beside.onnx'):
        with pytest.raises(ValueError, match='gallery holds features of beside.onnx .* cannot be compared'):
            index_model('gallery', info, other)
    (folder / 'beside.onnx').write_text('trained anew')
    with pytest.raises(ValueError, match='cannot be compared'):
        index_model('gallery', info)


def test_what_release_0_1_kept(folder):
    """Whole paths, and no hash of an .onnx file."""
    old = dict(model=str(folder / 'beside.onnx'), weights=None, hash=None)
    assert Path(index_model('gallery', old)[0]).read_text() == 'beside.onnx'
    old = dict(model=str(folder / 'model.py'), weights=str(folder / 'model.pth'), hash=file_hash('model.pth'))
    assert index_model('gallery', old, 'model.py', 'model.pth')[0] == 'model.py'


def test_what_is_missing():
    for known in ({}, dict(features='dump.npz')):
        with pytest.raises(ValueError, match='say with --model which model'):
            index_model('gallery', known)
    for arguments in (('gone.onnx',), ('model.py', 'gone.pth')):
        with pytest.raises(FileNotFoundError, match='there are no weights gone'):
            index_model('gallery', {}, *arguments)
