import os
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex
from haresreid.search.file_names import canonical_names, new_names


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """day/cam1/a.png, and two links to its folders."""
    (tmp_path / 'day/cam1').mkdir(parents=True)
    (tmp_path / 'day/cam1/a.png').touch()
    (tmp_path / 'today').symlink_to('day')
    (tmp_path / 'day/first').symlink_to(tmp_path / 'day/cam1')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    'spelled',
    [
        'day/cam1/a.png',
        './day/cam1/a.png',
        'day/../day/cam1/a.png',
        'day//cam1/./a.png',
        'today/cam1/a.png',
        'today/first/a.png',
        'day/first/../cam1/a.png',
        '{}/day/cam1/a.png',
        '{}/today/first/a.png',
        '{}/day/../today/cam1/a.png',
        '../{0.name}/day/cam1/a.png',
    ],
)
def test_every_spelling_is_one_name(folder, spelled):
    assert canonical_names([spelled.format(folder)]) == [os.path.realpath(folder / 'day/cam1/a.png')]


@pytest.mark.parametrize(
    'at, spelled',
    [('day', 'cam1/a.png'), ('day/cam1', 'a.png'), ('today/first', './a.png'), ('day/cam1', '../../today/cam1/a.png')],
)
def test_so_it_is_from_another_working_directory(folder, monkeypatch, at, spelled):
    monkeypatch.chdir(at)
    assert canonical_names([spelled]) == [os.path.realpath(folder / 'day/cam1/a.png')]


def test_what_names_no_file_is_kept_and_a_link_to_a_file_keeps_its_name(folder):
    (folder / 'day/b.png').symlink_to('cam1/a.png')
    names = ['', 'gone.png', 'set/0001/0001.jpg', 'day.mp4#frame=1#box=0', 'day']
    assert canonical_names(names) == names
    assert canonical_names(['day/b.png']) == [os.path.realpath('day') + '/b.png']
    assert canonical_names(['/gone/../away/x.png']) == ['/away/x.png']  # an image that is no more, under its whole path


def test_new_names():
    assert new_names(['a', 'b', 'a', 'c', '', ''], {'b'}) == [0, 3, 4, 5]  # '' is an image of no file
    assert new_names([], {'b'}) == []


def test_an_index_knows_its_files_however_they_are_spelled(folder):
    index = GalleryIndex.create('index', 2)
    index.append(np.eye(2), ['day/first/a.png', 'gone.png'])  # kept as they are given
    assert index.paths() == ['day/first/a.png', 'gone.png']
    spelled = ['today/cam1/a.png', str(folder / 'day/cam1/a.png'), 'gone.png', 'other.png', 'other.png']
    assert index.new_files(spelled) == [3]
    assert index.append(np.ones((5, 2)), spelled, new_only=True).tolist() == [2]
    assert index.append(np.ones((5, 2)), spelled, new_only=True).tolist() == []
    assert index.paths() == ['day/first/a.png', 'gone.png', 'other.png']
    assert index.append(np.ones((2, 2)), spelled[:2]).tolist() == [3, 4]  # several rows of one file, as it is asked for
    index.delete(ids=[0, 2])
    assert index.new_files(spelled) == [3]
    index.delete(ids=[3, 4])
    assert index.new_files(spelled) == [0, 3]
    index.compact()
    assert index.append(np.ones((5, 2)), spelled, cameras=range(5), new_only=True).tolist() == [5, 6]
    assert index.query([1, 1], 2).cameras.tolist() == [[0, 3]]


def test_what_another_adds_meanwhile_is_known(folder):
    first = GalleryIndex.create('index', 2)
    second = GalleryIndex('index')
    assert first.new_files(['x', 'y']) == second.new_files(['x', 'y']) == [0, 1]
    assert len(second.append(np.eye(2), ['x', 'y'], new_only=True)) == 2
    assert len(first.append(np.eye(2), ['x', 'y'], new_only=True)) == 0
    assert len(first) == 2
