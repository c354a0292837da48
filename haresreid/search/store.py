"""The files of an index: columns to which is only appended, and a manifest that says how much of them counts.

.. code-block:: text

    DIR/index.json                  the manifest, replaced as a whole
    DIR/lock                        held by the one that writes
    DIR/g000001/vectors.f32         (N, D) float32, little-endian
    DIR/g000001/rows.bin            (N,) ROW: id, time, camera, modality, end of the path in paths.utf8
    DIR/g000001/paths.utf8          the paths, one after the other
    DIR/g000001/deleted.i8          rows that are deleted
    DIR/g000001/*.faiss             structures for approximate search: derived data

A change writes behind what counts, waits for the disk, and replaces the manifest: whoever reads sees the index before
it or after it, and what a killed writer leaves is cut off by the next one. A compaction writes a new generation of the
columns.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock

from haresreid.utils.files import written_whole

__all__ = ['ROW', 'Snapshot', 'Store', 'check_free']

FORMAT = 1
MANIFEST = 'index.json'
COLUMNS = ('vectors.f32', 'rows.bin', 'paths.utf8', 'deleted.i8')
ROW = np.dtype([('id', '<i8'), ('time', '<f8'), ('path_end', '<i8'), ('camera', '<i4'), ('modality', '<i4')])


class Snapshot:
    """One version of an index, mapped from its files.

    Attributes:
        manifest (dict): What the manifest said.
        folder (Path): Of the generation.
        vectors (np.ndarray): (N, D) float32, rows of unit length.
        rows (np.ndarray): (N,) ``ROW``.
        alive (np.ndarray): (N,) False where a row is deleted.
    """

    def __init__(self, root: Path, manifest: dict):
        self.manifest = manifest
        self.folder = root / f'g{manifest["generation"]:06d}'
        self.vectors = self._map('vectors.f32', '<f4', (manifest['rows'], manifest['dim']))
        self.rows = self._map('rows.bin', ROW, (manifest['rows'], ))
        self._paths = self._map('paths.utf8', 'u1', (manifest['path_bytes'], ))
        self.alive = np.ones(manifest['rows'], dtype=bool)
        self.alive[self._map('deleted.i8', '<i8', (manifest['deleted'], ))] = False

    def _map(self, name: str, dtype: str | np.dtype, shape: tuple) -> np.ndarray:
        path, needed = self.folder / name, int(np.prod(shape)) * np.dtype(dtype).itemsize
        found = path.stat().st_size
        if found < needed:
            raise ValueError(f'{path} has {found} bytes where {MANIFEST} counts on {needed}: the index is damaged, '
                             'restore it from a copy or build it anew')
        # an empty file cannot be mapped
        return np.memmap(path, dtype, 'r', shape=shape).view(np.ndarray) if needed else np.empty(shape, dtype)

    def encoded_paths(self, rows: np.ndarray) -> list[bytes]:
        """The paths of rows as they stand in the file."""
        ends = self.rows['path_end']
        starts = np.where(rows > 0, ends[rows - 1], 0) if len(self.rows) else []
        return [self._paths[start:end].tobytes() for start, end in zip(starts, ends[rows])]

    def paths(self, rows: np.ndarray) -> list[str]:
        """The paths of rows."""
        return [path.decode('utf-8', 'surrogateescape') for path in self.encoded_paths(rows)]


class Store:
    """The folder of an index.

    Args:
        root (str | Path): The folder.

    Raises:
        FileNotFoundError: If there is no index.
        ValueError: If it is of another format.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root)
        self._seen, self._snapshot = None, None
        self.read()

    @classmethod
    def create(cls, root: str | Path, dim: int, kind: str, info: dict) -> 'Store':
        """Make an empty index.

        Raises:
            ValueError: If the folder is a file or holds anything.
        """
        root = Path(root)
        check_free(root)
        _new_generation(root / 'g000001')
        manifest = dict(format=FORMAT, dim=dim, kind=kind, info=info, version=0, generation=1, rows=0, path_bytes=0,
                        deleted=0, next_id=0, structures={})
        _replace_manifest(root, manifest)
        return cls(root)

    def read(self) -> Snapshot:
        """The present version; the same object as before while nothing has changed."""
        while True:
            text = self._manifest_text()
            if text == self._seen:
                return self._snapshot
            try:
                self._snapshot, self._seen = Snapshot(self.root, self._parsed(text)), text
            except FileNotFoundError:  # a compaction has taken the files away after the manifest was read
                if text == self._manifest_text():
                    raise

    def _manifest_text(self) -> str:
        try:
            return (self.root / MANIFEST).read_text(encoding='utf-8')
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f'There is no index in {self.root}, for it has no {MANIFEST}: make one '
                                    'first') from None

    def _parsed(self, text: str) -> dict:
        try:
            manifest = json.loads(text)
            if manifest['format'] == FORMAT:
                return manifest
        except (KeyError, TypeError, ValueError):
            pass
        raise ValueError(f'{self.root / MANIFEST} is not that of an index of format {FORMAT}, which this release reads')

    @contextmanager
    def writing(self) -> Iterator[Snapshot]:
        """Wait until nobody else writes, and give the version that is to be changed."""
        with FileLock(self.root / 'lock'):
            snapshot = self.read()
            self.sweep(snapshot)
            yield snapshot

    def sweep(self, snapshot: Snapshot) -> None:
        """Remove what a version does not name: what it replaced, what a killed writer left. Only while :meth:`writing`."""
        named = {entry['name'] for entry in snapshot.manifest['structures'].values()}
        for path in self.root.iterdir():
            if re.fullmatch(r'g\d{6}', path.name) and path != snapshot.folder:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith('.') and path.name.endswith(f'.{MANIFEST}'):
                path.unlink()
        for path in snapshot.folder.glob('*.faiss'):
            if path.name not in named:
                path.unlink()

    def commit(self, snapshot: Snapshot, **changes) -> None:
        """Make a change count, with one atomic step. Only while :meth:`writing`."""
        _replace_manifest(self.root, {**snapshot.manifest, **changes, 'version': snapshot.manifest['version'] + 1})

    def append(self, snapshot: Snapshot, vectors: Iterable[np.ndarray], rows: np.ndarray, paths: list[str]) -> None:
        """Add rows, whose ``path_end`` is filled in here. Only while :meth:`writing`."""
        before = snapshot.manifest
        encoded = [path.encode('utf-8', 'surrogateescape') for path in paths]
        rows['path_end'] = before['path_bytes'] + np.cumsum([len(path) for path in encoded], dtype=np.int64)
        _write_behind(snapshot.folder / 'vectors.f32', 4 * before['dim'] * before['rows'], vectors)
        _write_behind(snapshot.folder / 'rows.bin', ROW.itemsize * before['rows'], [rows])
        _write_behind(snapshot.folder / 'paths.utf8', before['path_bytes'], [b''.join(encoded)])
        self.commit(
            snapshot,
            rows=before['rows'] + len(rows),
            path_bytes=before['path_bytes'] + sum(map(len, encoded)),
            next_id=max(before['next_id'], int(rows['id'].max(initial=-1)) + 1))

    def delete(self, snapshot: Snapshot, rows: np.ndarray) -> None:
        """Mark rows as deleted. Only while :meth:`writing`."""
        deleted = snapshot.manifest['deleted']
        _write_behind(snapshot.folder / 'deleted.i8', 8 * deleted, [rows.astype('<i8')])
        self.commit(snapshot, deleted=deleted + len(rows))

    def rewrite(self, snapshot: Snapshot, kept: Iterable[np.ndarray]) -> None:
        """Write the given rows, in blocks, as a new generation. Only while :meth:`writing`."""
        generation = snapshot.manifest['generation'] + 1
        folder = self.root / f'g{generation:06d}'
        _new_generation(folder)
        count = path_bytes = 0
        with _synced(folder / 'vectors.f32') as vectors, _synced(folder / 'rows.bin') as rows, \
                _synced(folder / 'paths.utf8') as paths:
            for block in kept:
                vectors.write(snapshot.vectors[block])
                encoded = snapshot.encoded_paths(block)
                copied = snapshot.rows[block]
                copied['path_end'] = path_bytes + np.cumsum([len(path) for path in encoded], dtype=np.int64)
                rows.write(copied)
                paths.write(b''.join(encoded))
                count, path_bytes = count + len(block), int(copied['path_end'][-1])
        self.commit(snapshot, generation=generation, rows=count, path_bytes=path_bytes, deleted=0, structures={})


def check_free(root: str | Path) -> None:
    """Refuse a folder where no index can be made.

    Raises:
        ValueError: If it is a file, or holds anything.
    """
    root = Path(root)
    # a generation without a manifest is what a killed call has left
    if root.is_file() or root.is_dir() and {path.name for path in root.iterdir()} - {'g000001'}:
        raise ValueError(f'{root} is there already and not empty: add to it if it is an index, or give another folder')


def _new_generation(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in COLUMNS:
        (folder / name).touch()
    for path in (folder, folder.parent):
        _sync_folder(path)


def _write_behind(path: Path, length: int, blocks: Iterable) -> None:
    """Write behind the first ``length`` bytes, and wait for the disk."""
    with _synced(path) as file:
        file.truncate(length)
        file.seek(length)
        for block in blocks:
            file.write(block)


@contextmanager
def _synced(path: Path) -> Iterator:
    with open(path, 'r+b') as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _replace_manifest(root: Path, manifest: dict) -> None:
    with written_whole(root / MANIFEST) as part, open(part, 'w', encoding='utf-8') as file:
        json.dump(manifest, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(root)


def _sync_folder(folder: Path) -> None:
    """Make names in a folder last; Windows has no such call and needs none."""
    if os.name == 'posix':
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
