"""The engine of a cluster: a gallery in Milvus."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.apis.top_k import top_k
from haresreid.files.extras import require_extra
from haresreid.files.numbers import whole_number
from haresreid.files.printable import shortened

from . import structure as structure_module
from .columns import COLUMN_TYPES, STANDARD, Columns, check_columns
from .exact import BLOCK
from .file_names import canonical_names
from .filters import Condition
from .gallery import Block, Gallery, Hits, check_kind, checked_ids

__all__ = ['MilvusGallery']

MAX_DIM = 32768  # of Milvus
INDEXES = dict(exact='FLAT', ivf='IVF_FLAT', hnsw='HNSW')
FIELDS = {'<i8': 'INT64', '<i4': 'INT32', '<f8': 'DOUBLE', 'O': 'VARCHAR'}
TEXT_BYTES = 65535
MESSAGE = 2**25  # bytes of vectors in a request, of which a server takes 64 MiB by default
SHOWN = 16384  # the most rows that a server returns at once
REWRITTEN = '_rewritten'  # ends the name of a copy that will take the place of a collection
META, LAST = 'haresreid', 'haresreid.last_id'  # properties of the collection


class MilvusGallery(Gallery):
    """A gallery in Milvus: ``milvus://host:19530/name``. The environment's ``MILVUS_TOKEN`` is its password.

    ``milvus://FILE/name``, in which FILE ends in ``.db``, is Milvus Lite, for tests: one process at a time opens it.

    A request is applied completely or not at all, and each reader sees the newest version. A large append is several
    requests, so a killed writer may leave a part of it. Ids are given out by a property of the collection: of two that
    append at the same moment without ids of their own, one may replace rows of the other. There are no snapshots.

    Args:
        uri (str): What follows ``milvus://``.

    Raises:
        FileNotFoundError: If there is no gallery.
        ConnectionError: If no server answers.
        ValueError: If pymilvus is not installed, or the URI is not of this form.
    """

    def __init__(self, uri: str):
        self._uri = uri
        self._client, self._name = _connect(uri)
        if not self._client.has_collection(self._name):
            self._take_rewritten()
        if not self._client.has_collection(self._name):
            raise FileNotFoundError(f'there is no gallery milvus://{uri}')
        meta = json.loads(self._property(META))
        self._dim, self._info, self._own = meta['dim'], meta['info'], meta['columns']
        self._client.load_collection(self._name)

    @classmethod
    def create(
        cls, uri: str, dim: int, kind: str, info: dict | None = None, columns: Mapping[str, str] | None = None
    ) -> 'MilvusGallery':
        """Make an empty gallery: see :func:`haresreid.search.create_gallery`."""
        check_kind(kind)
        check_columns(columns or {})
        meta: dict[str, Any] = dict(
            dim=whole_number(dim, 1, MAX_DIM, 'dim'), info=info or {}, columns=dict(columns or {})
        )
        cls.check_free(uri)
        client, name = _connect(uri)
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        for column, dtype in {
            **STANDARD,
            **{own: COLUMN_TYPES[type_] for own, type_ in meta['columns'].items()},
        }.items():
            options: dict[str, Any] = dict(is_primary=True) if column == 'id' else dict(nullable=dtype == '<f8')
            if dtype == 'O':
                options['max_length'] = TEXT_BYTES
            schema.add_field(column, getattr(DataType, FIELDS[dtype]), **options)
        schema.add_field('path', DataType.VARCHAR, max_length=TEXT_BYTES)
        schema.add_field('vector', DataType.FLOAT_VECTOR, dim=meta['dim'])
        client.create_collection(
            name,
            schema=schema,
            index_params=_vector_index(client, kind),
            properties={META: json.dumps(meta), LAST: '-1'},
            consistency_level='Strong',
        )
        return cls(uri)

    @staticmethod
    def check_free(place: str) -> None:
        client, name = _connect(place)
        if client.has_collection(name):
            raise ValueError(f'milvus://{place} is there already: add to it, or give another name')

    def __len__(self) -> int:
        return self._count([])

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def kind(self) -> str:
        index = self._client.describe_index(self._name, 'vector')['index_type']
        return next(kind for kind, name in INDEXES.items() if name == index)

    @property
    def info(self) -> dict:
        return dict(self._info)

    @property
    def columns(self) -> dict[str, str]:
        return dict(self._own)

    def paths(self) -> list[str]:
        """Paths of all rows, ascending by id."""
        return self._columns(('path',))['path'].tolist()

    def blocks(self) -> Iterator[Block]:
        """All rows, ascending by id."""
        for found in self._pages([], ['path', 'vector', *self._names]):
            columns = {name: _array([row[name] for row in found], self._dtype(name)) for name in self._names}
            features = np.array([row['vector'] for row in found], np.float32)
            yield Block(features, [row['path'] for row in found], columns)

    def snapshot(self) -> 'MilvusGallery':
        raise ValueError('Milvus keeps no versions: copy the gallery with copy_gallery or haresreid search copy')

    def compact(self, kind: str | None = None) -> None:
        check_kind(kind or self.kind)
        if kind not in (None, self.kind):
            self._client.release_collection(self._name)
            self._client.drop_index(self._name, 'vector')
            self._client.create_index(self._name, _vector_index(self._client, kind))
            self._client.load_collection(self._name)
        self._client.compact(self._name)

    def erase_deleted(self) -> None:
        """Copy what is left, and drop the rest with its collection. Nobody else may write meanwhile.

        A server removes the files of a dropped collection some time later, as it is configured.
        """
        if self._client.has_collection(self._name + REWRITTEN):  # by a killed call
            self._client.drop_collection(self._name + REWRITTEN)
        copy = self.create(self._uri + REWRITTEN, self.dim, self.kind, self.info, self.columns)
        copy._set_last_id(self._last_id())
        for block in self.blocks():
            copy._add(iter([block.features]), block.paths, block.columns)
        self._client.drop_collection(self._name)
        self._take_rewritten()

    def _take_rewritten(self) -> None:
        """A copy without its original is complete: the original was dropped after it."""
        if self._client.has_collection(self._name + REWRITTEN):
            self._client.rename_collection(self._name + REWRITTEN, self._name)
            self._client.load_collection(self._name)

    @property
    def _names(self) -> list[str]:
        return [*STANDARD, *self._own]

    def _dtype(self, name: str) -> str:
        return STANDARD.get(name) or COLUMN_TYPES[self._own.get(name, 'text')]

    def _count(self, conditions: list[Condition]) -> int:
        found = self._client.query(self._name, filter=_expression(conditions), output_fields=['count(*)'])
        return found[0]['count(*)']

    def _property(self, name: str) -> str:
        return self._client.describe_collection(self._name)['properties'][name]

    def _last_id(self) -> int:
        return int(self._property(LAST))

    def _set_last_id(self, last: int) -> None:
        self._client.alter_collection_properties(self._name, {LAST: str(last)})

    def _columns(self, names: Sequence[str]) -> Columns:
        found = [row for page in self._pages([], names) for row in page]
        return {name: _array([row[name] for row in found], self._dtype(name)) for name in names}

    def _pages(self, conditions: list[Condition], names: Sequence[str]) -> Iterator[list[dict]]:
        """The rows that meet the conditions, ascending by id."""
        iterator = self._client.query_iterator(
            self._name, filter=_expression(conditions), batch_size=SHOWN // 4, output_fields=['id']
        )
        ids: list[int] = []
        while batch := iterator.next():
            ids += [row['id'] for row in batch]
        iterator.close()
        return self._rows(sorted(ids), names)

    def _rows(self, ids: list[int], names: Sequence[str]) -> Iterator[list[dict]]:
        """The rows of ascending ids, those that are there."""
        size = max(1, min(SHOWN, BLOCK // self.dim))
        for start in range(0, len(ids), size):
            page = _expression([Condition('id', 'in', ids[start : start + size])])
            found = self._client.query(self._name, filter=page, output_fields=['id', *names])
            yield sorted(found, key=lambda row: row['id'])

    def _known_files(self) -> set[str]:
        return set(canonical_names(self.paths()))

    def _reserve_ids(self, number: int) -> int:
        first = checked_ids(self._last_id() + 1, number)
        self._set_last_id(first + number - 1)
        return first

    def _among(self, ids: np.ndarray) -> np.ndarray:
        found = [row['id'] for page in self._rows(ids.tolist(), []) for row in page]
        return ids[np.isin(ids, found)]

    def _add(self, features: Iterator[np.ndarray], paths: list[str], rows: Columns) -> None:
        for path in paths:
            if any('\ud800' <= char <= '\udfff' for char in path):  # bytes that are no text
                raise ValueError(f'Milvus keeps only paths in UTF-8, and {shortened(path)} is not')
        blocks = list(features)  # a feature that is refused is so before the first request
        vectors = np.concatenate(blocks) if blocks else np.empty((0, self.dim), np.float32)
        if len(paths) and int(rows['id'].max()) > self._last_id():
            self._set_last_id(int(rows['id'].max()))
        columns = {name: _plain(values) for name, values in rows.items()}
        size = max(1, MESSAGE // (4 * self.dim))
        for start in range(0, len(paths), size):
            part = slice(start, start + size)
            values = zip(paths[part], vectors[part], *(column[part] for column in columns.values()))
            self._client.insert(self._name, [dict(zip(('path', 'vector', *columns), row)) for row in values])

    def _update(self, rows: Columns) -> None:
        columns = {name: _plain(values) for name, values in rows.items()}
        changes = [dict(zip(columns, row)) for row in zip(*columns.values())]
        self._client.upsert(self._name, changes, partial_update=True)

    def _delete(self, conditions: list[Condition]) -> int:
        number = self._count(conditions)
        if number:
            self._client.delete(self._name, filter=_expression(conditions))
        return number

    def _search(self, queries: np.ndarray, top: int, conditions: list[Condition], effort: float) -> Hits:
        if top > SHOWN:
            raise ValueError(f'Milvus gives at most {SHOWN} hits of a query, got top {top}')
        kind, number = self.kind, min(top, self._count(conditions))
        params: dict[str, Any] = {}
        if kind == 'ivf':
            params = dict(nprobe=max(1, round(structure_module.NPROBE * effort)))
        if kind == 'hnsw':
            params = dict(ef=max(2 * top, round(structure_module.EF_SEARCH * effort)))
        found = self._client.search(
            self._name,
            data=list(queries),
            filter=_expression(conditions),
            limit=top,
            output_fields=['id'],
            search_params=dict(metric_type='IP', params=params),
        )
        if len(queries) and min(map(len, found)) >= number:
            kept = [[(hit['distance'], hit['id']) for hit in hits[:number]] for hits in found]
            shape = len(queries), number
            scores = np.array([[score for score, _ in hits] for hits in kept], np.float32).reshape(shape)
            ids = np.array([[row for _, row in hits] for hits in kept], np.int64).reshape(shape)
        else:  # it missed some
            scores, ids = self._exact(queries, number, conditions)
        scores, ids = top_k(scores, ids, number)  # of equal scores, the lower id first
        return self._hits(scores, ids)

    def _exact(self, queries: np.ndarray, top: int, conditions: list[Condition]) -> tuple[np.ndarray, np.ndarray]:
        """Scores and ids, each (Q, top), of all rows that meet the conditions."""
        best = np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        for page in self._pages(conditions, ['vector']):
            scores = queries @ np.array([row['vector'] for row in page], np.float32).T  # (Q, b)
            ids = np.broadcast_to([row['id'] for row in page], scores.shape)
            best = top_k(np.hstack((best[0], scores)), np.hstack((best[1], ids)), top)
        return best

    def _hits(self, scores: np.ndarray, ids: np.ndarray) -> Hits:
        pages = self._rows(np.unique(ids).tolist(), [*self._names, 'path'])
        rows = {row['id']: row for page in pages for row in page}
        found = [rows[number] for number in ids.ravel().tolist()]
        columns = {
            name: _array([row[name] for row in found], self._dtype(name)).reshape(ids.shape) for name in self._names
        }
        return Hits.of(scores, [row['path'] for row in found], columns)


def _connect(uri: str) -> tuple[Any, str]:
    """The client of a server, and the name of a collection."""
    match = re.fullmatch(r'(?:(?P<server>[^/]+:\d+)|(?P<file>.+\.db))/(?P<name>[A-Za-z_]\w{0,254})', uri, re.ASCII)
    if not match:
        raise ValueError(f'milvus://{shortened(uri)[1:-1]} is not of the form milvus://HOST:PORT/NAME')
    require_extra('pymilvus', 'engines')
    if match['file'] and not Path(match['file']).parent.is_dir():
        raise FileNotFoundError(f'there is no folder {Path(match["file"]).parent}')
    return _client(f'http://{match["server"]}' if match['server'] else match['file']), match['name']


@lru_cache(maxsize=8)
def _client(address: str) -> Any:
    from pymilvus import MilvusClient, MilvusException

    try:
        return MilvusClient(address, token=os.environ.get('MILVUS_TOKEN', ''))
    except MilvusException as error:
        raise ConnectionError(
            f'Milvus cannot be reached at {address}: {shortened(error.message, 100)}; check that the server runs, and '
            'MILVUS_TOKEN'
        ) from None


def _vector_index(client: Any, kind: str) -> Any:
    index = client.prepare_index_params()
    params = dict(exact={}, ivf=dict(nlist=1024), hnsw=dict(M=16, efConstruction=200))[kind]
    index.add_index('vector', index_type=INDEXES[kind], index_name='vector', metric_type='IP', params=params)
    return index


def _array(values: list, dtype: str) -> np.ndarray:
    if dtype == '<f8':
        values = [np.nan if value is None else value for value in values]
    return np.array(values, dtype=dtype)


def _plain(values: np.ndarray) -> list:
    return [None if value != value else value for value in values.tolist()]


def _expression(conditions: Sequence[Condition]) -> str:
    return ' and '.join(
        f'{column} {"==" if operator == "=" else operator} {json.dumps(value, ensure_ascii=False)}'
        for column, operator, value in conditions
    )
