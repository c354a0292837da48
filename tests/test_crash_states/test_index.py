"""Changes of an index of 60 rows in two modalities, 10 of them deleted; structures begin at 16 rows."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex, structure
from haresreid.search.store import ROW, row_dtype

from .states import Writer, prove

DIM = 4
FIRST, SECOND, DELETED = np.arange(60), np.arange(60, 100), np.arange(10)
KEPT = FIRST[10:]


@pytest.fixture(autouse=True)
def small_structures(monkeypatch):
    monkeypatch.setattr(structure, 'EXACT_ROWS', 15)


def vectors(ids: np.ndarray) -> np.ndarray:
    return np.sin(ids[:, None] * np.arange(1, DIM + 1) * 0.37) + 1.5  # (n, D)


def create(folder: Path, kind: str = 'exact') -> None:
    """Unless it is there."""
    try:
        GalleryIndex(folder / 'index')
    except FileNotFoundError:
        GalleryIndex.create(folder / 'index', DIM, kind)


def append(folder: Path, ids: np.ndarray = SECOND) -> None:
    """Anew where they are there."""
    index = GalleryIndex(folder / 'index')
    index.delete(ids=ids)
    index.append(vectors(ids), [f'{number}.jpg' for number in ids], modalities=ids % 2, ids=ids)


def delete(folder: Path, ids: np.ndarray = DELETED) -> None:
    GalleryIndex(folder / 'index').delete(ids=ids)


def compact(folder: Path, kind: str | None = None) -> None:
    GalleryIndex(folder / 'index').compact(kind)


def update(folder: Path) -> None:
    GalleryIndex(folder / 'index').update(DELETED, tracks=3)


def prepare(folder: Path, kind: str = 'exact', deleted: np.ndarray = DELETED) -> None:
    create(folder, kind)
    append(folder, FIRST)
    delete(folder, deleted)


def prepare_without_sums(folder: Path) -> None:
    """As release 0.1 has written it."""
    prepare(folder)
    manifest = folder / 'index/index.json'
    content = json.loads(manifest.read_text())
    rows = folder / 'index/g000001/rows.bin'
    np.fromfile(rows, row_dtype(content))[list(ROW.names)].astype(ROW).tofile(rows)  # without tracks
    del content['crc32']
    manifest.write_text(json.dumps({**content, 'format': 1}))
    (folder / 'index/g000001/sums.u4').unlink()


def whole(folder: Path) -> tuple[tuple[int, ...], dict]:
    """The ids and the manifest of an index whose vectors, paths and answers are those of its ids."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # of damaged structures
        index = GalleryIndex(folder / 'index')
        snapshot = index._store.read()
        rows = np.flatnonzero(snapshot.alive)
        ids = snapshot.rows['id'][rows]
        assert index.paths() == [f'{number}.jpg' for number in ids]
        expected = vectors(ids)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        if len(rows):
            np.testing.assert_allclose(snapshot.read_vectors(rows), expected, atol=1e-6)
            hits = index.query(vectors(ids[:3]), 1)
            assert hits.ids.tolist() == [[number] for number in ids[:3]]
    return tuple(ids), snapshot.manifest


def look_created(folder: Path) -> str:
    try:
        assert whole(folder)[0] == ()
    except FileNotFoundError as error:
        assert 'There is no index' in str(error)
        return 'old'
    return 'new'


def by_ids(old: np.ndarray, new: np.ndarray):
    return lambda folder: {tuple(old): 'old', tuple(new): 'new'}[whole(folder)[0]]


def by_manifest(is_new):
    """The ids stay, the form changes."""

    def look(folder: Path) -> str:
        ids, manifest = whole(folder)
        assert ids == tuple(KEPT)
        return 'new' if is_new(manifest) else 'old'

    return look


WRITERS = {
    'create': Writer(lambda folder: None, create, look_created),
    'append': Writer(prepare, append, by_ids(KEPT, np.append(KEPT, SECOND))),
    'delete': Writer(lambda folder: prepare(folder, deleted=FIRST[:0]), delete, by_ids(FIRST, KEPT)),
    'update': Writer(
        lambda folder: prepare(folder, deleted=FIRST[:0]), update, by_ids(FIRST, np.append(KEPT, DELETED))
    ),
    'compact': Writer(prepare, compact, by_manifest(lambda manifest: not manifest['deleted'])),
    'build': Writer(
        lambda folder: (create(folder), append(folder, KEPT)),
        lambda folder: compact(folder, 'hnsw'),
        by_manifest(lambda manifest: len(manifest['structures']) == 2),
    ),
    'append to structures': Writer(
        lambda folder: (prepare(folder), compact(folder, 'hnsw')), append, by_ids(KEPT, np.append(KEPT, SECOND))
    ),
    'add sums': Writer(
        prepare_without_sums, lambda folder: delete(folder, [-1]), by_manifest(lambda manifest: 'crc32' in manifest)
    ),
}


@pytest.mark.parametrize('name', WRITERS)
def test_an_index_is_old_or_new(tmp_path, tell, name):
    tell(f'index: {name}', prove(WRITERS[name], tmp_path))
