"""The files of an index: append-only columns, and a manifest that says how much of them is valid.

.. code-block:: text

    DIR/index.json                  the manifest, replaced as a whole
    DIR/lock                        held by the one that writes
    DIR/g000001/vectors.f32         (N, D) float32, little-endian
    DIR/g000001/sums.u4             (N,) CRC-32 of each vector
    DIR/g000001/rows.bin            (N,) row_dtype: id, time, camera, modality, track, columns of its own
    DIR/g000001/paths.utf8          of each row the path, then its texts; rows.bin has where each of them ends
    DIR/g000001/deleted.i8          rows that are deleted
    DIR/g000001/*.faiss             structures for approximate search: derived data

A change is written after the valid part, synced, and then made valid by replacing the manifest. Readers thus see the
index either before or after the change, and the next writer cuts off what a killed one has left. A compaction writes a
new generation of the columns.

The manifest has a running CRC-32 of every column except the vectors. Columns are compared with it when a version is
opened, and paths when the first of them is read. A vector is compared with its own sum when it is read for the first
time. Sums find damage. They cannot find a forgery, because whoever writes a file can write its sum.
"""

import math
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
from filelock import FileLock

from haresreid.files.files import make_folder, naming, remove_leftovers, sync_folder, write_json
from haresreid.files.paths import expand_home

from .columns import COLUMN_TYPES, Columns
from .exact import read_rows, row_blocks
from .manifest import (
    DAMAGED,
    FORMAT,
    MANIFEST,
    MANIFEST_BYTES,
    WITHOUT_COLUMNS,
    check_manifest,
    parse_manifest,
)
from .plain_files import check_plain, check_plain_folder, open_plain
from .times import is_time

__all__ = ['FrozenStore', 'Snapshot', 'Store', 'check_free', 'row_dtype']

ROW = np.dtype([('id', '<i8'), ('time', '<f8'), ('path_end', '<i8'), ('camera', '<i4'), ('modality', '<i4')])
COLUMNS = ('vectors.f32', 'sums.u4', 'rows.bin', 'paths.utf8', 'deleted.i8')
# vectors (b, D), rows (b,), and b paths with the texts of each row
Block = tuple[np.ndarray, np.ndarray, list[tuple[bytes, ...]]]
EMPTY: dict[str, Any] = dict(rows=0, path_bytes=0, deleted=0, structures={}, crc32=dict.fromkeys(COLUMNS[1:], 0))


def row_dtype(manifest: dict) -> np.dtype:
    """The type of a row. Of a text it has the end in ``paths.utf8``, as of the path."""
    if manifest['format'] <= WITHOUT_COLUMNS:
        return ROW
    own = [(name, COLUMN_TYPES[kind].replace('O', '<i8')) for name, kind in manifest['columns'].items()]
    return np.dtype([*ROW.descr, ('track', '<i8'), *own])


def _end_names(manifest: dict) -> list[str]:
    """The columns of ends, in the order in which a row's path and texts lie."""
    return ['path_end', *(name for name, kind in manifest.get('columns', {}).items() if kind == 'text')]


class Snapshot:
    """One version of an index, mapped from its files.

    Args:
        root (Path): The folder of the index.
        manifest (dict): Content of the manifest.
        before (Snapshot, optional): An older version. Vectors that were checked there are not checked again. Defaults
            to None.

    Attributes:
        manifest (dict): Content of the manifest.
        folder (Path): Folder of the generation.
        vectors (np.ndarray): (N, D) float32, rows of unit length, unchecked; :meth:`read_vectors` checks them.
        rows (np.ndarray): (N,) :func:`row_dtype`; :meth:`column` has what they mean.
        columns (dict[str, np.ndarray]): The bytes of the files for which the manifest has sums.
        alive (np.ndarray): (N,) False where a row is deleted.

    Raises:
        FileNotFoundError: If a column is missing.
        ValueError: If a column is damaged.
    """

    def __init__(self, root: Path, manifest: dict, before: 'Snapshot | None' = None):
        self.manifest = manifest
        self.folder = root / f'g{manifest["generation"]:06d}'
        check_plain_folder(self.folder)
        count = manifest['rows']
        self.vectors = self._map('vectors.f32', '<f4', (count, manifest['dim']))
        self.rows = self._map('rows.bin', row_dtype(manifest), (count,))
        self._texts: Columns = {}
        deleted = self._map('deleted.i8', '<i8', (manifest['deleted'],))
        self.columns = {name: column.view('u1') for name, column in (('rows.bin', self.rows), ('deleted.i8', deleted))}
        self.columns['paths.utf8'] = self._map('paths.utf8', 'u1', (manifest['path_bytes'],))
        self._sums: np.ndarray | None = None
        if 'crc32' in manifest:
            self._sums = self._map('sums.u4', '<u4', (count,))
            self.columns['sums.u4'] = self._sums.view('u1')
        for name in self.columns.keys() - {'paths.utf8'}:
            self._check_sum(name)
        self._check_rows(deleted)
        self.alive = np.ones(count, dtype=bool)
        self.alive[deleted] = False
        self._checked = np.zeros(count, dtype=bool)
        if before is not None and before.folder == self.folder:
            self._checked[: len(before.rows)] = before._checked[:count]

    def _map(self, name: str, dtype: str | np.dtype, shape: tuple) -> np.ndarray:
        path, needed = self.folder / name, math.prod(shape) * np.dtype(dtype).itemsize
        with open_plain(path, 'rb') as file:
            found = os.fstat(file.fileno()).st_size
            if found < needed:
                raise ValueError(f'{path} has {found} bytes where {MANIFEST} counts on {needed}: {DAMAGED}')
            # an empty file cannot be mapped
            return np.memmap(file, dtype, 'r', shape=shape).view(np.ndarray) if needed else np.empty(shape, dtype)

    def _check_sum(self, name: str) -> None:
        if 'crc32' in self.manifest and zlib.crc32(self.columns[name].data) != self.manifest['crc32'][name]:
            raise ValueError(f'{self.folder / name} is not what was written: {DAMAGED}')

    def _check_rows(self, deleted: np.ndarray) -> None:
        """Refuse rows that no writer produces. An index without checksums, or with forged ones, may contain them."""
        count = len(self.rows)
        ends = np.stack([self.rows[name] for name in _end_names(self.manifest)], axis=1).ravel()  # as they lie
        ascend = not count or (
            0 <= ends[0] and ends[-1] == self.manifest['path_bytes'] and (ends[1:] >= ends[:-1]).all()
        )
        known = np.isin(self.rows['modality'], (-1, 0, 1)).all() and is_time(self.rows['time']).all()
        if not ascend or not known:
            raise ValueError(f'{self.folder / "rows.bin"} has rows that nobody has written: {DAMAGED}')
        if ((deleted < 0) | (deleted >= count)).any():
            raise ValueError(f'{self.folder / "deleted.i8"} names rows that are not there: {DAMAGED}')

    def check_vectors(self, rows: np.ndarray) -> None:
        """Compare each vector with its sum once. Vectors of release 0.1 have no sums.

        Raises:
            ValueError: If a vector is damaged.
        """
        if self._sums is None:
            return
        for block in row_blocks(np.unique(rows[~self._checked[rows]]), self.manifest['dim']):
            wrong = block[_vector_sums(read_rows(self.vectors, block)) != self._sums[block]]
            if len(wrong):
                raise ValueError(
                    f'{self.folder / "vectors.f32"}: {len(wrong)} of the {len(block)} vectors read last are damaged, '
                    f'the first has the id {self.rows["id"][wrong[0]]}: restore the index from a copy, or delete '
                    'these ids and add their images again'
                )
            self._checked[block] = True

    def read_vectors(self, rows: np.ndarray) -> np.ndarray:
        """Checked vectors (n, D) of ascending rows, n > 0.

        Raises:
            ValueError: If a vector is damaged.
        """
        self.check_vectors(rows)
        return read_rows(self.vectors, rows)

    @cached_property
    def _paths(self) -> np.ndarray:
        self._check_sum('paths.utf8')
        return self.columns['paths.utf8']

    def encoded_texts(self, rows: np.ndarray) -> list[tuple[bytes, ...]]:
        """Of each row the path, then its texts, encoded as in the file.

        Raises:
            ValueError: If the file is damaged.
        """
        return list(zip(*(self._encoded(rows, name) for name in _end_names(self.manifest))))

    def _encoded(self, rows: np.ndarray, name: str) -> list[bytes]:
        names = _end_names(self.manifest)
        number = names.index(name)
        if number:
            starts = self.rows[names[number - 1]][rows]
        else:
            starts = np.where(rows > 0, self.rows[names[-1]][rows - 1], 0) if len(self.rows) else rows
        return [self._paths[start:end].tobytes() for start, end in zip(starts, self.rows[name][rows])]

    @property
    def has_tracks(self) -> bool:
        """Whether rows have tracks, which earlier formats lack."""
        return self.manifest['format'] > WITHOUT_COLUMNS

    def paths(self, rows: np.ndarray) -> list[str]:
        """The paths of rows.

        Raises:
            ValueError: If the paths are damaged.
        """
        return [path.decode('utf-8', 'surrogateescape') for path in self._encoded(rows, 'path_end')]

    def column(self, name: str) -> np.ndarray:
        """(N,) values of a column: texts as text, and tracks that an earlier format lacks as unknown.

        Raises:
            ValueError: If the texts are damaged.
        """
        if name in _end_names(self.manifest):
            if name not in self._texts:
                texts = [text.decode('utf-8', 'replace') for text in self._encoded(np.arange(len(self.rows)), name)]
                self._texts[name] = np.array(texts, dtype=object)
            return self._texts[name]
        if name == 'track' and not self.has_tracks:
            return np.full(len(self.rows), -1)
        return self.rows[name]


class Store:
    """The folder of an index.

    Args:
        root (str | Path): The folder.

    Raises:
        FileNotFoundError: If there is no index.
        ValueError: If it is of another format, damaged, or has links in it.
    """

    def __init__(self, root: str | Path):
        self.root = Path(expand_home(root))
        self._seen: bytes | None = None
        self._snapshot: Snapshot | None = None
        self.read()

    @classmethod
    def create(cls, root: str | Path, dim: int, kind: str, info: dict, columns: dict[str, str]) -> 'Store':
        """Make an empty index.

        Raises:
            ValueError: If the folder is a file or holds anything.
        """
        root = Path(expand_home(root))
        check_free(root)
        make_folder(root)
        with _locked(root):
            check_free(root)  # another process may have made one in the meantime
            _remove_generation(root / 'g000001')
            _new_generation(root / 'g000001')
            write_json(
                root / MANIFEST,
                dict(
                    format=FORMAT,
                    dim=dim,
                    kind=kind,
                    info=info,
                    columns=columns,
                    version=0,
                    generation=1,
                    next_id=0,
                    **EMPTY,
                ),
            )
        return cls(root)

    def read(self) -> Snapshot:
        """The current version. It is the same object as before if nothing has changed."""
        while True:
            text = self._manifest_text()
            if text == self._seen and self._snapshot is not None:
                return self._snapshot
            try:
                manifest = parse_manifest(text, self.root / MANIFEST)
                self._snapshot, self._seen = Snapshot(self.root, manifest, self._snapshot), text
            except FileNotFoundError as error:  # a compaction has taken the files away after the manifest was read
                if text == self._manifest_text():
                    raise FileNotFoundError(f'{error.filename} is missing: {DAMAGED}') from None

    def _manifest_text(self) -> bytes:
        try:
            with open_plain(self.root / MANIFEST, 'rb') as file:
                size = os.fstat(file.fileno()).st_size
                if size > MANIFEST_BYTES:
                    raise ValueError(
                        f'{self.root / MANIFEST} has {size:,} bytes, and no writer writes more than '
                        f'{MANIFEST_BYTES:,}: {DAMAGED}'
                    )
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f'There is no index in {self.root}: it has no {MANIFEST}. Make one first') from None

    @contextmanager
    def writing(self) -> Iterator[Snapshot]:
        """Wait until nobody else writes, then yield the version to change."""
        with _locked(self.root):
            snapshot = self.read()
            self.sweep(snapshot)
            if 'crc32' not in snapshot.manifest:
                self._add_sums(snapshot)
                snapshot = self.read()
            yield snapshot

    def sweep(self, snapshot: Snapshot) -> None:
        """Remove replaced files and leftovers of killed writers. Only while :meth:`writing`."""
        named = {entry['name'] for entry in snapshot.manifest['structures'].values()}
        for path in self.root.iterdir():
            if re.fullmatch(r'g\d{6}', path.name) and path != snapshot.folder:
                _remove_generation(path)
        remove_leftovers(self.root, MANIFEST)
        for path in snapshot.folder.glob('*.faiss'):
            if path.name not in named:
                path.unlink()

    def _add_sums(self, snapshot: Snapshot) -> None:
        """Add the missing sums to an index of release 0.1, computed from its present content."""
        path = snapshot.folder / 'sums.u4'
        path.unlink(missing_ok=True)
        path.touch(exist_ok=False)
        sums = _vector_sums(snapshot.vectors)
        _write_behind(path, 0, sums)
        sync_folder(snapshot.folder)
        columns = {**snapshot.columns, 'sums.u4': sums}
        crc32 = {name: zlib.crc32(column.data) for name, column in columns.items()}
        self.commit(snapshot, format=WITHOUT_COLUMNS, crc32=crc32)

    def commit(self, snapshot: Snapshot, **changes: Any) -> None:
        """Make a change valid in one atomic step. Only while :meth:`writing`."""
        manifest = {**snapshot.manifest, **changes, 'version': snapshot.manifest['version'] + 1}
        check_manifest(manifest, self.root / MANIFEST)  # a forged number may be the largest one, with no successor
        write_json(self.root / MANIFEST, manifest)

    def append(self, snapshot: Snapshot, vectors: Iterable[np.ndarray], paths: Sequence[str], rows: Columns) -> None:
        """Add rows. Only while :meth:`writing`."""
        records = np.zeros(len(paths), row_dtype(snapshot.manifest))
        texts = [[path.encode('utf-8', 'surrogateescape') for path in paths]]
        for name, values in rows.items():
            if name in _end_names(snapshot.manifest):
                texts.append([text.encode() for text in values])
            elif name in (records.dtype.names or ()):
                records[name] = values
        encoded = list(zip(*texts))

        def blocks() -> Iterator[Block]:
            start = 0
            for block in vectors:
                part = slice(start, start + len(block))
                yield block, records[part], encoded[part]
                start += len(block)

        changes = _extend(snapshot.folder, snapshot.manifest, blocks())
        next_id = max(snapshot.manifest['next_id'], int(rows['id'].max(initial=-1)) + 1)
        self.commit(snapshot, next_id=next_id, **changes)

    def delete(self, snapshot: Snapshot, rows: np.ndarray) -> None:
        """Mark rows as deleted. Only while :meth:`writing`."""
        self.commit(snapshot, **_mark_deleted(snapshot.folder, snapshot.manifest, rows))

    def replace(self, snapshot: Snapshot, rows: np.ndarray, changes: Columns) -> None:
        """Change columns of rows, which are written behind all others. Only while :meth:`writing`.

        Args:
            snapshot (Snapshot): The version to change.
            rows (np.ndarray): (n,) The rows, ascending.
            changes (Columns): (n,) values of each column to change.
        """
        manifest, ends = snapshot.manifest, _end_names(snapshot.manifest)

        def blocks() -> Iterator[Block]:
            start = 0
            for block in row_blocks(rows, manifest['dim']):
                part = slice(start, start + len(block))
                records, texts = snapshot.rows[block], snapshot.encoded_texts(block)
                for name, values in changes.items():
                    if name in ends:
                        number = ends.index(name)
                        texts = [
                            (*text[:number], value.encode(), *text[number + 1 :])
                            for text, value in zip(texts, values[part])
                        ]
                    else:
                        records[name] = values[part]
                yield snapshot.read_vectors(block), records, texts
                start += len(block)

        manifest = {**manifest, **_extend(snapshot.folder, manifest, blocks())}
        self.commit(snapshot, **{**manifest, **_mark_deleted(snapshot.folder, manifest, rows)})

    def rewrite(self, snapshot: Snapshot, kept: Iterable[np.ndarray]) -> None:
        """Write the given rows, in blocks, as a new generation. Only while :meth:`writing`."""
        generation = snapshot.manifest['generation'] + 1
        folder = self.root / f'g{generation:06d}'
        _new_generation(folder)

        def blocks() -> Iterator[Block]:
            for block in kept:
                yield snapshot.read_vectors(block), snapshot.rows[block], snapshot.encoded_texts(block)

        empty = {**snapshot.manifest, **EMPTY}
        self.commit(snapshot, generation=generation, **{**EMPTY, **_extend(folder, empty, blocks())})


class FrozenStore(Store):
    """One version of an index, for readers.

    Args:
        root (Path): The folder.
        snapshot (Snapshot): The version.
    """

    def __init__(self, root: Path, snapshot: Snapshot):
        self.root, self._frozen = root, snapshot

    def read(self) -> Snapshot:
        return self._frozen

    def writing(self) -> NoReturn:
        raise ValueError(f'this is a snapshot of {self.root}, which does not change: change the gallery itself')


def check_free(root: str | Path) -> None:
    """Refuse a folder in which no index can be made.

    Raises:
        ValueError: If it is a file or not empty.
    """
    root = Path(expand_home(root))
    # a generation without a manifest was left by a killed call
    if root.is_file() or (
        root.is_dir()
        and not all(path.name in ('g000001', 'lock') or _is_leftover(path.name) for path in root.iterdir())
    ):
        raise ValueError(f'{root} is there already and not empty: add to it if it is an index, or give another folder')


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    path = root / 'lock'
    if os.path.lexists(path):
        check_plain(path, os.lstat(path))
    with FileLock(path):
        yield


def _extend(folder: Path, manifest: dict, blocks: Iterable[Block]) -> dict:
    """Append rows after the valid part of the columns, and return the new values of the manifest.

    Args:
        folder (Path): Folder of the generation.
        manifest (dict): The current manifest.
        blocks (Iterable[Block]): Vectors (b, D) float32, rows (b,) whose ends are filled in here, and b paths with the
            texts of each row.
    """
    count, path_bytes, crc32 = manifest['rows'], manifest['path_bytes'], dict(manifest['crc32'])
    lengths, names = _lengths(manifest), _end_names(manifest)
    with ExitStack() as stack:
        files = {name: stack.enter_context(_behind(folder / name, lengths[name])) for name in COLUMNS[:4]}
        for vectors, rows, texts in blocks:
            joined = [text for row in texts for text in row]  # b x T
            ends = path_bytes + np.cumsum([len(text) for text in joined], dtype=np.int64)
            for number, name in enumerate(names):
                rows[name] = ends[number :: len(names)]
            contents: dict[str, Any] = {
                'vectors.f32': vectors,
                'sums.u4': _vector_sums(vectors),
                'rows.bin': rows,
                'paths.utf8': b''.join(joined),
            }
            for name, content in contents.items():
                with naming(folder / name):
                    files[name].write(content)
                if name in crc32:
                    crc32[name] = zlib.crc32(content, crc32[name])
            count, path_bytes = count + len(rows), path_bytes + len(contents['paths.utf8'])
    return dict(rows=count, path_bytes=path_bytes, crc32=crc32)


def _mark_deleted(folder: Path, manifest: dict, rows: np.ndarray) -> dict:
    """Write which rows are deleted, and return the new values of the manifest."""
    rows = rows.astype('<i8')
    _write_behind(folder / 'deleted.i8', _lengths(manifest)['deleted.i8'], rows)
    crc32 = {**manifest['crc32'], 'deleted.i8': zlib.crc32(rows.data, manifest['crc32']['deleted.i8'])}
    return dict(deleted=manifest['deleted'] + len(rows), crc32=crc32)


def _is_leftover(name: str) -> bool:
    """Whether this file was left by a killed call of :func:`write_json`."""
    return name.startswith('.') and name.endswith(f'.{MANIFEST}')


def _lengths(manifest: dict) -> dict[str, int]:
    """Number of valid bytes of each column."""
    count = manifest['rows']
    return {
        'vectors.f32': 4 * manifest['dim'] * count,
        'sums.u4': 4 * count,
        'rows.bin': row_dtype(manifest).itemsize * count,
        'paths.utf8': manifest['path_bytes'],
        'deleted.i8': 8 * manifest['deleted'],
    }


def _vector_sums(vectors: np.ndarray) -> np.ndarray:
    return np.fromiter(map(zlib.crc32, vectors), '<u4', len(vectors))


def _new_generation(folder: Path) -> None:
    folder.mkdir()
    for name in COLUMNS:
        (folder / name).touch(exist_ok=False)
    for path in (folder, folder.parent):
        sync_folder(path)


def _remove_generation(folder: Path) -> None:
    if os.path.lexists(folder):
        check_plain_folder(folder)
        with suppress(OSError):  # on Windows a reader may still have its files open
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


def _write_behind(path: Path, length: int, content: np.ndarray) -> None:
    with _behind(path, length) as file:
        file.write(content.data)


@contextmanager
def _behind(path: Path, length: int) -> Iterator[IO[bytes]]:
    """Open a file to write after its first ``length`` bytes. Everything is on the disk when the block ends."""
    with naming(path), open_plain(path, 'r+b') as file:
        file.truncate(length)
        file.seek(length)
        yield file
        file.flush()
        os.fsync(file.fileno())
