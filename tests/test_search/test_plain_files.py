"""Links, pipes and devices in the place of a file of an index: nothing behind them is read, cut or deleted."""

import os
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex, structure
from haresreid.search.manifest import MANIFEST
from haresreid.search.store import COLUMNS

pytestmark = pytest.mark.skipif(os.name != 'posix', reason='links, pipes and devices of POSIX')
FILES = [MANIFEST, *(f'g000001/{name}' for name in COLUMNS)]


@pytest.fixture
def index(tmp_path):
    index = GalleryIndex.create(tmp_path / 'index', 2)
    index.append(np.eye(2), ['a', 'b'])
    index.delete(ids=[1])
    return index


def put_link(path: Path, victim: Path):
    path.symlink_to(victim)


def put_dangling_link(path: Path, victim: Path):
    path.symlink_to(victim.with_name('nothing'))


def put_second_name(path: Path, victim: Path):
    os.link(victim, path)


def put_pipe(path: Path, victim: Path):
    os.mkfifo(path)


def put_folder(path: Path, victim: Path):
    path.mkdir()


def put_device(path: Path, victim: Path):
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero


PUTS = [
    put_link,
    put_dangling_link,
    put_second_name,
    put_pipe,
    put_folder,
    pytest.param(
        put_device,
        marks=pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() != 0, reason='devices are made by root'),
    ),
]


def changes(index: GalleryIndex):
    """All that opens files, each on a handle of its own or on one that has read the index before."""
    root = index._store.root
    yield lambda: index.append(np.eye(2), ['c', 'd'])
    yield lambda: index.delete(ids=[0])
    yield lambda: index.compact('ivf')
    yield lambda: GalleryIndex(root)


@pytest.mark.parametrize('put', PUTS)
@pytest.mark.parametrize('name', FILES)
def test_what_is_no_plain_file_is_refused(index, tmp_path, put, name):
    path, victim = tmp_path / 'index' / name, tmp_path / 'victim'
    content = path.read_bytes() + b'more than the index counts on'
    victim.write_bytes(content)
    path.unlink()
    try:
        put(path, victim)
    except PermissionError:
        pytest.skip('no devices in this container')
    refused = 0
    for change in changes(index):
        try:
            change()
        except (ValueError, FileNotFoundError) as error:
            assert str(path) in str(error) and ('link' in str(error) or 'not a file' in str(error))
            refused += 1
        assert victim.read_bytes() == content and not (tmp_path / 'nothing').exists()
    assert refused  # a handle that has the file open needs only what it writes


def test_a_link_to_a_generation_is_refused(index, tmp_path):
    (tmp_path / 'index/g000001').rename(tmp_path / 'elsewhere')
    (tmp_path / 'index/g000001').symlink_to(tmp_path / 'elsewhere')
    with pytest.raises(ValueError, match='g000001 is a link or no folder'):
        GalleryIndex(tmp_path / 'index')


def test_what_a_link_leads_to_is_not_swept(index, tmp_path):
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine/diary.txt').write_text('dear diary')
    (tmp_path / 'index/g000007').symlink_to(tmp_path / 'mine')
    with pytest.raises(ValueError, match='g000007 is a link or no folder'):
        index.append(np.eye(2), ['c', 'd'])
    (tmp_path / 'index/g000007').unlink()
    (tmp_path / 'index' / f'.1.{MANIFEST}').symlink_to(tmp_path / 'mine/diary.txt')
    (tmp_path / 'index/g000001/ivf_0_7.faiss').symlink_to(tmp_path / 'mine/diary.txt')
    index.append(np.eye(2), ['c', 'd'])
    assert (tmp_path / 'mine/diary.txt').read_text() == 'dear diary'


@pytest.mark.parametrize('put', [put_link, put_dangling_link, put_pipe, put_folder])
def test_the_lock_is_a_plain_file(index, tmp_path, put):
    (tmp_path / 'victim').write_text('mine')
    (tmp_path / 'index/lock').unlink()
    put(tmp_path / 'index/lock', tmp_path / 'victim')
    with pytest.raises(ValueError, match='lock is (a link|not a file)'):
        index.append(np.eye(2), ['c', 'd'])
    assert (tmp_path / 'victim').read_text() == 'mine' and not (tmp_path / 'nothing').exists()


def test_an_index_is_not_made_through_what_lies_there(tmp_path):
    """A killed creation leaves a generation, in which somebody may have put links."""
    (tmp_path / 'victim').write_text('mine')
    (tmp_path / 'index/g000001').mkdir(parents=True)
    for name in COLUMNS:
        (tmp_path / 'index/g000001' / name).symlink_to(tmp_path / 'victim')
    GalleryIndex.create(tmp_path / 'index', 2).append(np.eye(2), ['a', 'b'])
    assert (tmp_path / 'victim').read_text() == 'mine'
    (tmp_path / 'other').mkdir()
    (tmp_path / 'other/g000001').symlink_to(tmp_path)
    with pytest.raises(ValueError, match='g000001 is a link'):
        GalleryIndex.create(tmp_path / 'other', 2)
    assert (tmp_path / 'victim').exists()


def test_a_structure_behind_a_link_is_not_read(tmp_path, monkeypatch):
    pytest.importorskip('faiss')
    monkeypatch.setattr(structure, 'EXACT_ROWS', 20)
    index = GalleryIndex.create(tmp_path / 'index', 8, 'hnsw')
    index.append(np.random.default_rng(0).standard_normal((100, 8)), [''] * 100)
    (file,) = (tmp_path / 'index').glob('g*/*.faiss')
    file.rename(tmp_path / 'structure')
    file.symlink_to(tmp_path / 'structure')
    content = (tmp_path / 'structure').read_bytes()
    index = GalleryIndex(tmp_path / 'index')
    with pytest.warns(UserWarning, match='is missing or damaged: its rows are searched exactly'):
        index.query(np.ones(8))
    index.compact()
    assert not file.is_symlink() and (tmp_path / 'structure').read_bytes() == content


def test_the_folder_that_the_user_names_may_be_a_link(index, tmp_path):
    (tmp_path / 'name').symlink_to(tmp_path / 'index')
    GalleryIndex(tmp_path / 'name').append(np.eye(2), ['c', 'd'])
    assert len(index) == 3
