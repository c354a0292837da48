"""The engine of object stores: a gallery in LanceDB."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from haresreid.files.extras import require_extra
from haresreid.files.files import make_folder
from haresreid.files.numbers import whole_number
from haresreid.files.paths import expand_home
from haresreid.files.printable import shortened

from . import structure as structure_module
from .columns import COLUMN_TYPES, STANDARD, Columns, check_columns
from .exact import BLOCK
from .file_names import canonical_names
from .filters import Condition
from .gallery import Block, Gallery, Hits, check_kind, checked_ids
from .manifest import NUMBERS

__all__ = ['LanceGallery']

TABLE, COUNTER = 'gallery', 'last_id'
# what finds rows by a condition
SCALAR_INDEXES = dict(id='BTree', camera='Bitmap', time='BTree', modality='Bitmap', track='BTree')
ARROW_TYPES = {'<i8': 'int64', '<i4': 'int32', '<f8': 'float64', 'O': 'string'}
KEPT = timedelta(minutes=10)  # versions that readers and snapshots may still use when a compaction removes old ones


class LanceGallery(Gallery):
    """A gallery in LanceDB: in an object store, ``s3://bucket/folder`` or ``gs://bucket/folder``, or in a folder.

    An object store keeps what it has acknowledged. In a folder, a killed process loses nothing either, but a power cut
    may: LanceDB does not wait for the disk. Of writers that add the same files to an object store at the same time,
    each adds them; in a folder they wait for one another. A snapshot can be read until a compaction that comes ten
    minutes later, which also frees the space of what was deleted.

    Args:
        uri (str): The object store, or the folder.

    Raises:
        ConnectionError: If the object store does not answer.
        FileNotFoundError: If there is no gallery.
        ValueError: If LanceDB is not installed, or cannot read the gallery.
    """

    def __init__(self, uri: str):
        self._uri = expand_home(uri)
        if not _is_remote(self._uri) and not self.is_in(self._uri):
            raise FileNotFoundError(f'there is no gallery of LanceDB in {self._uri}')
        database = _connect(self._uri)
        try:
            self._table, self._counter = database.open_table(TABLE), database.open_table(COUNTER)
        except ValueError as error:
            raise FileNotFoundError(f'there is no gallery in {self._uri}: {error}') from None
        except RuntimeError as error:
            raise ValueError(f'LanceDB cannot read the gallery in {self._uri}: {shortened(error, 100)}') from None
        self._frozen = False
        self._files: tuple[int, set[str]] = (-1, set())
        meta = json.loads(self._table.schema.metadata[b'haresreid'])
        self._dim, self._info, self._own = meta['dim'], meta['info'], meta['columns']

    @staticmethod
    def is_in(folder: str) -> bool:
        """Whether a folder on this machine holds such a gallery."""
        return Path(folder, f'{TABLE}.lance').is_dir()

    @classmethod
    def create(
        cls, uri: str, dim: int, kind: str, info: dict | None = None, columns: Mapping[str, str] | None = None
    ) -> 'LanceGallery':
        """Make an empty gallery: see :func:`haresreid.search.create_gallery`."""
        import_lancedb()
        import pyarrow as pa

        check_kind(kind)
        check_columns(columns or {})
        meta: dict[str, Any] = dict(
            dim=whole_number(dim, *NUMBERS['dim'], 'dim'), info=info or {}, columns=dict(columns or {})
        )
        uri = expand_home(uri)
        cls.check_free(uri)
        if not _is_remote(uri):
            make_folder(uri)
        types = _types(meta['columns'])
        vector = pa.field('vector', pa.list_(pa.float32(), meta['dim']), metadata=dict(kind=kind))
        schema = pa.schema([*types.items(), ('path', pa.binary()), vector], metadata=dict(haresreid=json.dumps(meta)))
        with _locked(uri):
            cls.check_free(uri)
            database = _connect(uri)
            # the table of rows last: a killed call has made no gallery
            database.create_table(COUNTER, pa.table(dict(id=pa.array([-1], pa.int64()))), mode='overwrite')
            database.create_table(TABLE, schema=schema)
        return cls(uri)

    @staticmethod
    def check_free(place: str) -> None:
        uri = expand_home(place)
        if _is_remote(uri):
            taken = TABLE in _connect(uri).list_tables().tables
        else:
            folder = Path(uri)
            left = {'lock', f'{COUNTER}.lance'}  # by a killed call
            taken = folder.is_file() or (folder.is_dir() and any(path.name not in left for path in folder.iterdir()))
        if taken:
            raise ValueError(f'{uri} is there already and not empty: add to it if it is an index, or give another one')

    def __len__(self) -> int:
        return self._table.count_rows()

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def kind(self) -> str:
        return self._table.schema.field('vector').metadata[b'kind'].decode()

    @property
    def info(self) -> dict:
        return dict(self._info)

    @property
    def columns(self) -> dict[str, str]:
        return dict(self._own)

    def paths(self) -> list[str]:
        return _decoded(self._read(['path'])['path'])

    def blocks(self) -> Iterator[Block]:
        for batch in self.snapshot()._table.search().to_batches(max(1, BLOCK // self.dim)):
            if batch.num_rows:
                features = batch['vector'].flatten().to_numpy().reshape(-1, self.dim)
                yield Block(features, _decoded(batch['path']), {name: _array(batch[name]) for name in self._names})

    def snapshot(self) -> 'LanceGallery':
        frozen = LanceGallery(self._uri)
        frozen._table.checkout(self._table.version)
        frozen._frozen = True
        return frozen

    def compact(self, kind: str | None = None) -> None:
        check_kind(kind or self.kind)
        with self._writing():
            if kind not in (None, self.kind):
                self._table.update_field_metadata(dict(path='vector', metadata=dict(kind=kind)))
            self._update_indexes(always=True)
            self._counter.optimize(cleanup_older_than=KEPT)

    def erase_deleted(self) -> None:
        with self._writing():
            # optimize() leaves a file alone of which less than a tenth is deleted, but all rows of these are replaced
            self._table.update(values_sql=dict(id='id'))
            self._update_indexes(always=True)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')  # that readers of old versions fail
                self._table.optimize(cleanup_older_than=timedelta(0))

    def stats(self) -> dict:
        local = [] if _is_remote(self._uri) else [path for path in Path(self._uri).rglob('*') if path.is_file()]
        indexed = [self._indexed(index.name) for index in self._table.list_indices() if index.columns == ['vector']]
        return dict(
            **super().stats(), bytes=sum(path.stat().st_size for path in local) or None, rows_in_structures=sum(indexed)
        )

    @property
    def _names(self) -> list[str]:
        return [*STANDARD, *self._own]

    def _read(self, names: Sequence[str]) -> Any:
        return self._table.search().select(list(names)).to_arrow()

    def _columns(self, names: Sequence[str]) -> Columns:
        found = self._read(names)
        return {name: _array(found[name]) for name in names}

    def _writing(self) -> AbstractContextManager:
        if self._frozen:
            raise ValueError(f'this is a snapshot of {self._uri}, which does not change: change the gallery itself')
        return _locked(self._uri)

    def _known_files(self) -> set[str]:
        version = self._table.version
        if self._files[0] != version:
            self._files = version, set(canonical_names(self.paths()))
        return self._files[1]

    def _reserve_ids(self, number: int) -> int:
        while True:
            last = self._counter.to_arrow()['id'][0].as_py()
            first = checked_ids(last + 1, number)
            # somebody else may have taken them in the meantime
            if self._counter.update(where=f'id = {last}', values=dict(id=last + number)).rows_updated:
                return first

    def _among(self, ids: np.ndarray) -> np.ndarray:
        if len(ids) > 1000:  # a condition on so many is slower than the whole column
            return ids[np.isin(ids, self._columns(('id',))['id'])]
        found = self._table.search().where(_sql([Condition('id', 'in', ids.tolist())])).select(['id']).to_arrow()
        return ids[np.isin(ids, found['id'].to_numpy())]

    def _add(self, features: Iterator[np.ndarray], paths: list[str], rows: Columns) -> None:
        import pyarrow as pa

        if not paths:
            return
        largest = int(rows['id'].max())
        self._counter.update(where=f'id < {largest}', values=dict(id=largest))
        schema = self._table.schema

        failed: list[Exception] = []

        def batches() -> Iterator[Any]:
            start = 0
            for block in _noting(features, failed):
                part = slice(start, start + len(block))
                vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), self.dim)
                encoded = [path.encode('utf-8', 'surrogateescape') for path in paths[part]]
                columns = dict(_arrow(rows, part, self._own), path=pa.array(encoded, pa.binary()), vector=vectors)
                yield pa.record_batch([columns[name] for name in schema.names], schema=schema)
                start += len(block)

        try:
            self._table.add(pa.RecordBatchReader.from_batches(schema, batches()))
        except Exception:
            if failed:  # LanceDB raises another error in place of the one of the features
                raise failed[0] from None
            raise
        self._update_indexes(always=False)

    def _update(self, rows: Columns) -> None:
        import pyarrow as pa

        changes = pa.table(_arrow(rows, slice(None), self._own))
        self._table.merge_insert('id').when_matched_update_all().execute(changes)
        self._update_indexes(always=False)

    def _delete(self, conditions: list[Condition]) -> int:
        return self._table.delete(_sql(conditions)).num_deleted_rows

    def _search(self, queries: np.ndarray, top: int, conditions: list[Condition], effort: float) -> Hits:
        found, rows = None, len(self)
        chosen = self._table.count_rows(_sql(conditions)) if conditions else rows
        if self.kind != 'exact' and chosen > max(structure_module.EXACT_ROWS, rows // structure_module.NARROW):
            found = self._nearest(queries, top, conditions, effort)
        if found is None or found.num_rows < top * len(queries):  # the conditions may leave fewer, or it missed some
            found = self._nearest(queries, top, conditions, None)
        numbers = found['query_index'].to_numpy() if len(queries) > 1 else np.zeros(found.num_rows, int)
        scores = (1 - found['_distance'].to_numpy()).astype(np.float32)
        order = np.lexsort((found['id'].to_numpy(), -scores, numbers))
        shape = len(queries), found.num_rows // max(1, len(queries))
        paths = _decoded(found['path'])
        return Hits.of(
            scores[order].reshape(shape),
            [paths[row] for row in order],
            {name: _array(found[name])[order].reshape(shape) for name in self._names},
        )

    def _nearest(self, queries: np.ndarray, top: int, conditions: list[Condition], effort: float | None) -> Any:
        """A table of hits with ``query_index`` and ``_distance``; without an effort, of every row."""
        search = self._table.search(queries if len(queries) > 1 else queries[0]).distance_type('dot').limit(top)
        search = search.select([*self._names, 'path', '_distance'])
        if conditions:
            search = search.where(_sql(conditions))
        if effort is None:
            return search.bypass_vector_index().to_arrow()
        search = search.nprobes(max(1, round(structure_module.NPROBE * effort))).refine_factor(2)
        if self.kind == 'hnsw':
            search = search.ef(max(2 * top, round(structure_module.EF_SEARCH * effort)))
        return search.to_arrow()

    def _update_indexes(self, always: bool) -> None:
        """Index new rows if it is worth it, or always. Only while :meth:`_writing`."""
        names = {index.columns[0]: index.name for index in self._table.list_indices()}
        rows, indexed = len(self), self._indexed(names['id']) if 'id' in names else 0
        if not always and rows - indexed <= max(structure_module.EXACT_ROWS, indexed // 10):
            return
        types = import_lancedb().index
        if rows > structure_module.EXACT_ROWS:
            for column, kind in SCALAR_INDEXES.items():
                if column not in names:
                    self._table.create_index(column, config=getattr(types, kind)())
        if 'vector' in names:
            self._table.drop_index(names['vector'])  # optimize() would join its lists
        self._table.optimize(cleanup_older_than=KEPT)
        if rows > structure_module.EXACT_ROWS and self.kind == 'ivf':
            self._table.create_index('vector', config=types.IvfSq('dot', num_partitions=round(rows**0.5)))
        if rows > structure_module.EXACT_ROWS and self.kind == 'hnsw':
            self._table.create_index('vector', config=types.HnswSq('dot', num_partitions=1))

    def _indexed(self, name: str) -> int:
        stats = self._table.index_stats(name)
        return 0 if stats is None else stats.num_indexed_rows


def import_lancedb() -> Any:
    """The module.

    Raises:
        ValueError: If it is not installed.
    """
    require_extra('lancedb', 'engines')
    import lancedb
    import lancedb.index

    return lancedb


def _connect(uri: str) -> Any:
    lancedb = import_lancedb()
    try:  # each call sees the newest version
        return lancedb.connect(uri, read_consistency_interval=timedelta(0))
    except RuntimeError as error:
        raise ConnectionError(
            f'LanceDB cannot reach {uri}: {shortened(error, 100)}; check the name and the '
            'credentials of the environment'
        ) from None


def _is_remote(uri: str) -> bool:
    return '://' in uri


def _locked(uri: str) -> AbstractContextManager:
    """Writers of a folder wait for one another; LanceDB settles what they do in an object store."""
    return nullcontext() if _is_remote(uri) else FileLock(Path(uri, 'lock'))


def _types(own: Mapping[str, str]) -> dict[str, Any]:
    """The Arrow type of each column but the vector and the path."""
    import pyarrow as pa

    types = {**STANDARD, **{name: COLUMN_TYPES[kind] for name, kind in own.items()}}
    return {name: getattr(pa, ARROW_TYPES[dtype])() for name, dtype in types.items()}


def _arrow(rows: Columns, part: slice, own: Mapping[str, str]) -> dict[str, Any]:
    """Columns as Arrow arrays, in which an unknown float is null: SQL finds it by no condition."""
    import pyarrow as pa

    types = _types(own)
    return {name: pa.array(values[part], types[name], from_pandas=True) for name, values in rows.items()}


def _noting(blocks: Iterator[np.ndarray], failed: list[Exception]) -> Iterator[np.ndarray]:
    try:
        yield from blocks
    except ValueError as error:
        failed.append(error)
        raise


def _array(values: Any) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False)


def _decoded(paths: Any) -> list[str]:
    return [path.decode('utf-8', 'surrogateescape') for path in paths.to_pylist()]


def _sql(conditions: Sequence[Condition]) -> str:
    return ' AND '.join(_sql_of(*condition) for condition in conditions)


def _sql_of(column: str, operator: str, value: Any) -> str:
    if isinstance(value, list):
        listed = ', '.join(map(str, value))
        return f'`{column}` {operator.upper()} ({listed})' if value else ('false' if operator == 'in' else 'true')
    if isinstance(value, str):
        text = "'" + value.replace("'", "''") + "'"
    else:
        text = repr(value) if np.isfinite(value) else f"CAST('{value}' AS DOUBLE)"
    return f'`{column}` {operator} {text}'
