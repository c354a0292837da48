"""Writers that are killed, readers meanwhile, and files that are damaged."""

import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex, store, structure
from haresreid.search.manifest import MANIFEST
from haresreid.search.store import COLUMNS, row_dtype

# Runs in a process of its own, which imports nothing but the index, and forks the ones that are killed.
KILLS = Path(__file__).with_name('kills.py')
DIM = 6


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='the writers are forked')
def test_kills_at_every_call_that_makes_data_last(tmp_path):
    """test_contract.py has those at any moment."""
    result = subprocess.run(
        [sys.executable, str(KILLS), str(tmp_path / 'index'), 'points'], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    index = GalleryIndex.create(tmp_path / 'index', 2)
    index.append(np.eye(2), ['a', 'b'])
    mine = tmp_path / 'index' / 'gallery_images'
    mine.mkdir()
    left = [
        tmp_path / 'index' / 'g000007',
        tmp_path / 'index' / f'.123.{MANIFEST}',
        tmp_path / 'index' / 'g000001' / 'ivf_0_3.faiss',
    ]
    left[0].mkdir()
    for path in left[1:]:
        path.touch()
    with open(tmp_path / 'index/g000001/vectors.f32', 'ab') as file:
        file.write(b'half a row')
    assert index.query([1, 0]).paths == [['a', 'b']]
    index.append(np.eye(2), ['c', 'd'])
    assert mine.is_dir() and not any(path.exists() for path in left)
    assert (tmp_path / 'index/g000001/vectors.f32').stat().st_size == 4 * 2 * 4
    assert index.query([0, 1]).paths == [['b', 'd', 'a', 'c']]


def test_a_killed_creation_may_be_repeated(tmp_path):
    GalleryIndex.create(tmp_path / 'index', 2)
    (tmp_path / 'index' / MANIFEST).unlink()
    assert len(GalleryIndex.create(tmp_path / 'index', 2)) == 0


def test_what_is_missing_or_cut_is_told(tmp_path):
    GalleryIndex.create(tmp_path / 'index', 2).append(np.eye(2), ['a', 'b'])
    vectors = tmp_path / 'index/g000001/vectors.f32'
    vectors.write_bytes(vectors.read_bytes()[:-1])
    with pytest.raises(ValueError, match='vectors.f32 has 15 bytes where index.json counts on 16: the index'):
        GalleryIndex(tmp_path / 'index')
    vectors.unlink()
    with pytest.raises(FileNotFoundError, match='vectors.f32 is missing: the index is damaged'):
        GalleryIndex(tmp_path / 'index')


def use_all(index: GalleryIndex) -> list:
    """Every column and every vector is read."""
    hits = index.query(np.eye(index.dim), len(index))
    return [index.paths(), index.stats()['cameras'], hits.ids.tolist(), hits.paths]


@pytest.fixture
def rows(tmp_path) -> Path:
    """An index of 40 rows in two appends, of which some are deleted; returns the folder of its columns."""
    index = GalleryIndex.create(tmp_path / 'index', DIM)
    features = np.random.default_rng(0).standard_normal((40, DIM))
    for half in (slice(20), slice(20, 40)):
        index.append(features[half], [f'{row}.jpg' for row in range(40)[half]], cameras=1, times=5)
    index.delete(ids=[3, 5, 8, 30])
    return tmp_path / 'index/g000001'


@pytest.mark.parametrize('name', COLUMNS)
def test_any_flipped_bit_that_counts_is_told(rows, name):
    content = (rows / name).read_bytes()
    for position in np.linspace(0, len(content) - 1, 25, dtype=int).tolist():
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        (rows / name).write_bytes(flipped)
        if name == 'vectors.f32' and position // (4 * DIM) in (3, 5, 8, 30):
            use_all(GalleryIndex(rows.parent))  # nobody reads a vector that is deleted
            continue
        with pytest.raises(ValueError, match=f'{name}( is not what was written|: 1 of the .* damaged)'):
            use_all(GalleryIndex(rows.parent))


@pytest.mark.parametrize('name', COLUMNS)
def test_parts_that_change_places_are_told(rows, name):
    content = (rows / name).read_bytes()
    width = dict(zip(COLUMNS, (4 * DIM, 4, 40, 1, 8)))[name]
    (rows / name).write_bytes(content[width : 2 * width] + content[:width] + content[2 * width :])
    with pytest.raises(ValueError, match=f'{name}( is not what was written|: 2 of the .* damaged)'):
        use_all(GalleryIndex(rows.parent))


def test_columns_of_another_index_are_told(rows, tmp_path):
    other = GalleryIndex.create(tmp_path / 'other', DIM)
    other.append(np.random.default_rng(1).standard_normal((40, DIM)), [f'{row}.jpg' for row in range(100, 140)])
    other.delete(ids=[1, 2, 3, 4])
    for name in COLUMNS:
        mine, theirs = rows / name, tmp_path / 'other/g000001' / name
        content = mine.read_bytes()
        mine.write_bytes(theirs.read_bytes())
        with pytest.raises(ValueError, match=f'{name}:? '):
            use_all(GalleryIndex(rows.parent))
        mine.write_bytes(content)
    use_all(GalleryIndex(rows.parent))


def test_a_damaged_vector_is_told_by_id_where_it_is_read_and_may_be_deleted(rows):
    content = bytearray((rows / 'vectors.f32').read_bytes())
    content[4 * DIM * 10] ^= 1
    (rows / 'vectors.f32').write_bytes(content)
    index = GalleryIndex(rows.parent)
    assert len(index) == 36 and len(index.paths()) == 36
    for harmed in (lambda: index.query(np.ones(DIM)), lambda: index.compact('exact')):
        with pytest.raises(ValueError, match='vectors.f32: 1 of the .* damaged, the first has the id 10: .*delete'):
            harmed()
    index.delete(ids=[10])
    index.compact()
    assert len(index.query(np.ones(DIM), 99).ids[0]) == 35
    assert len(GalleryIndex(rows.parent).query(np.ones(DIM), 99).ids[0]) == 35


def test_a_vector_is_checked_once_by_a_process(rows, monkeypatch):
    index = GalleryIndex(rows.parent)
    counted, sums = [], store._vector_sums
    monkeypatch.setattr(store, '_vector_sums', lambda part: counted.append(len(part)) or sums(part))
    index.query(np.ones(DIM))
    index.query(-np.ones(DIM))
    assert sum(counted) == 36
    index.append(np.eye(DIM), [''] * DIM)
    counted.clear()
    index.query(np.ones(DIM))
    assert sum(counted) == DIM


@pytest.mark.parametrize(
    'column, value',
    [('modality', 7), ('modality', -2), ('time', np.inf), ('time', 1e15), ('path_end', -1), ('path_end', 2**40)],
)
def test_rows_that_nobody_wrote_are_told_though_the_sum_is_right(rows, column, value):
    """Whoever writes a file can write its sum, and an index of release 0.1 has none."""
    content = np.fromfile(rows / 'rows.bin', row_dtype(json.loads((rows.parent / MANIFEST).read_text())))
    content[column][4] = value
    content.tofile(rows / 'rows.bin')
    forge(rows, 'rows.bin')
    with pytest.raises(ValueError, match='rows.bin has rows that nobody has written'):
        GalleryIndex(rows.parent)


@pytest.mark.parametrize('row', [-1, 40, 2**62])
def test_deleted_rows_that_are_not_there_are_told(rows, row):
    np.array([3, 5, row, 30], '<i8').tofile(rows / 'deleted.i8')
    forge(rows, 'deleted.i8')
    with pytest.raises(ValueError, match='deleted.i8 names rows that are not there'):
        GalleryIndex(rows.parent)


def forge(rows: Path, name: str) -> None:
    manifest = json.loads((rows.parent / MANIFEST).read_text())
    manifest['crc32'][name] = zlib.crc32((rows / name).read_bytes())
    (rows.parent / MANIFEST).write_text(json.dumps(manifest))


@pytest.fixture
def old(tmp_path, monkeypatch) -> Path:
    """16 rows of two cameras, of which the one with the id 3 is deleted, written by release 0.1."""
    monkeypatch.setattr(structure, 'EXACT_ROWS', 10)
    shutil.copytree(Path(__file__).parents[1] / 'data/index_of_release_0_1', tmp_path / 'old')
    return tmp_path / 'old'


def test_an_index_of_release_0_1_is_read(old):
    index, angles = GalleryIndex(old), np.arange(16)
    features = np.stack([np.cos(angles), np.sin(angles), np.cos(2 * angles), np.sin(2 * angles)], axis=1)
    assert len(index) == 15 and index.info['model'] == 'haresformer_synth'
    hits = index.query(features, 1, effort=100)
    assert hits.ids[:, 0].tolist() == [row if row != 3 else hits.ids[3, 0] for row in range(16)]
    assert hits.paths[7] == ['cam1/ü7.jpg'] and hits.times[7] == 7 and hits.cameras[7] == 1
    assert not (old / 'lock').exists() and json.loads((old / MANIFEST).read_text())['format'] == 1


@pytest.mark.parametrize(
    'change',
    [
        lambda index: index.append(np.eye(4), ['a', 'b', 'c', 'd']),
        lambda index: index.delete(ids=[0]),
        lambda index: index.compact(),
    ],
)
def test_the_first_change_gives_an_index_of_release_0_1_its_sums(old, change):
    before = GalleryIndex(old)
    change(before)
    index = GalleryIndex(old)
    assert json.loads((old / MANIFEST).read_text())['format'] == 2
    assert use_all(index) == use_all(before)
    (vectors,) = old.glob('g*/vectors.f32')
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    with pytest.raises(ValueError, match='vectors.f32: 1 of the'):
        use_all(GalleryIndex(old))


def test_damage_that_release_0_1_cannot_know_by_sums_is_told_where_it_makes_no_sense(old):
    content = (old / 'g000001/rows.bin').read_bytes()
    (old / 'g000001/rows.bin').write_bytes(content[::-1])
    with pytest.raises(ValueError, match='rows.bin has rows that nobody has written'):
        GalleryIndex(old)
