"""What is deleted for good leaves no bytes on the disk, whatever the engine."""

from pathlib import Path

import numpy as np
import pytest

from haresreid.search import copy_gallery, create_gallery, milvus_gallery, open_gallery
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.search.erase import erase

from .engines import ENGINES

DIM, ROWS, GONE = 16, 60, (7, 21)


@pytest.fixture(params=ENGINES)
def uri(request, tmp_path) -> str:
    if ENGINES[request.param].package:
        pytest.importorskip(ENGINES[request.param].package)
    (tmp_path / 'kept').mkdir()
    return ENGINES[request.param].uri(tmp_path / 'kept')


def vectors() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((ROWS, DIM))


def track_folder(crops: Path, row: int) -> Path:
    """As a video leaves it."""
    folder = crops / f'{row:06d}'
    folder.mkdir(parents=True)
    for name in ('000003.jpg', '000007.jpg', 'best.jpg'):
        (folder / name).write_bytes(b'a picture')
    return folder


def on_disk(folder: Path, content: bytes) -> bool:
    return any(content in file.read_bytes() for file in folder.rglob('*') if file.is_file())


def test_a_person_is_gone(uri, tmp_path):
    gallery = create_gallery(uri, DIM, columns=TRACK_COLUMNS)
    crops, own = tmp_path / 'crops', tmp_path / 'own.jpg'
    folders = {row: track_folder(crops, row) for row in (5, GONE[0])}
    (crops / 'tracks.csv').touch()
    own.write_bytes(b'my own file')
    paths = [f'row_{row:03d}.jpg' for row in range(ROWS)]
    paths[5], paths[GONE[0]], paths[GONE[1]] = *(str(folder / 'best.jpg') for folder in folders.values()), str(own)
    gallery.append(vectors(), paths, tracks=range(ROWS))
    gallery.update(list(GONE), columns=dict(person=4))
    gallery.update([GONE[0]], cameras=3)  # replaced rows are deleted ones, too
    stored = np.concatenate([block.features for block in gallery.blocks()])
    order = np.argsort(np.concatenate([block.columns['id'] for block in gallery.blocks()]))
    bytes_of = [stored[row].tobytes() for row in order]
    assert on_disk(tmp_path / 'kept', bytes_of[GONE[0]])
    rows, pictures, kept = erase(gallery, crops=tmp_path, where='person = 4')
    assert (rows, pictures, kept) == (2, 3, [str(own)]) and own.exists()
    assert not folders[GONE[0]].exists() and len(list(folders[5].iterdir())) == 3
    for row in GONE:
        assert not on_disk(tmp_path / 'kept', bytes_of[row])
    again = open_gallery(uri)
    left = [row for row in range(ROWS) if row not in GONE]
    hits = again.query(vectors()[[8]], top=ROWS)
    assert len(again) == len(left) and sorted(hits.ids[0]) == left and hits.ids[0, 0] == 8
    assert on_disk(tmp_path / 'kept', bytes_of[8])
    assert erase(again, where='person = 4').rows == 0
    assert again.append(vectors()[:1], ['new.jpg']).tolist() == [ROWS]


def test_a_killed_deletion_is_repeated(tmp_path, monkeypatch):
    """Killed after the pictures, then after the rows."""
    gallery = create_gallery(tmp_path / 'gallery', DIM, columns=TRACK_COLUMNS)
    folder = track_folder(tmp_path / 'crops', 0)
    (tmp_path / 'crops/tracks.csv').touch()
    gallery.append(vectors(), [str(folder / 'best.jpg'), *(f'{row}.jpg' for row in range(1, ROWS))], cameras=1)
    secret = next(gallery.blocks()).features[0].tobytes()

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    for method in ('delete', 'erase_deleted'):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(type(gallery), method, killed)
            erase(gallery, [0], tmp_path / 'crops')
        assert not folder.exists() and on_disk(tmp_path / 'gallery', secret)
    assert len(gallery) == ROWS - 1
    assert erase(gallery, [0]).rows == 0 and not on_disk(tmp_path / 'gallery', secret)


def test_pictures_of_a_row_that_stays_stay(tmp_path):
    gallery = create_gallery(tmp_path / 'gallery', DIM)
    folder = track_folder(tmp_path / 'crops', 0)
    (tmp_path / 'crops/tracks.csv').touch()
    gallery.append(vectors()[:2], [str(folder / 'best.jpg')] * 2)
    assert erase(gallery, [0], tmp_path / 'crops') == (1, 0, []) and folder.exists()
    (folder / 'notes.txt').touch()
    assert erase(gallery, [1], tmp_path / 'crops').pictures == 3 and [file.name for file in folder.iterdir()] == [
        'notes.txt'
    ]
    with pytest.raises(ValueError, match='say what to delete'):
        erase(gallery)


def test_pictures_elsewhere_stay_whatever_the_index_says(tmp_path):
    """In another gallery's folder, through a link out of our own, and where no folder is known."""
    gallery = create_gallery(tmp_path / 'gallery', DIM)
    mine, others = tmp_path / 'mine', tmp_path / 'others'
    for crops in (mine, others):
        folder = track_folder(crops, 0)
        (crops / 'tracks.csv').touch()
    (mine / '000001').symlink_to(folder)
    paths = [f'{mine}/../others/000000/best.jpg', f'{mine}/000001/best.jpg', f'{mine}/000000/best.jpg']
    gallery.append(vectors()[:3], paths)
    assert erase(gallery, [0, 1], mine) == (2, 0, paths[:2]) and len(list(folder.iterdir())) == 3
    assert erase(gallery, [2]) == (1, 0, paths[2:]) and (mine / '000000/best.jpg').exists()


def test_a_copy_in_milvus_that_was_not_renamed_is_taken(tmp_path):
    pytest.importorskip('milvus_lite')
    uri = ENGINES['milvus'].uri(tmp_path)
    gallery = create_gallery(uri, DIM)
    gallery.append(vectors(), [f'{row}.jpg' for row in range(ROWS)])
    copy_gallery(uri, uri + milvus_gallery.REWRITTEN)
    gallery._client.drop_collection(gallery._name)
    assert len(open_gallery(uri)) == ROWS
