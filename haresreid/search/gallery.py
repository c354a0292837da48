"""The one interface of every engine: a gallery of vectors with ids, cameras, times, modalities, tracks and paths."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from haresreid.choices import INDEX_KINDS as KINDS
from haresreid.choices import MODALITIES
from haresreid.files.numbers import INT64_MAX

from .columns import STANDARD, Columns, convert_columns, row_columns
from .exact import row_blocks
from .file_names import canonical_names, new_names
from .filters import Condition, Filter

__all__ = ['KINDS', 'Block', 'Gallery', 'Hits', 'check_kind', 'checked_ids']


@dataclass
class Hits:
    """The results of Q queries, best first. k is ``top``, or less if the filter leaves fewer rows.

    Attributes:
        scores (np.ndarray): (Q, k) float32 cosine similarities.
        ids (np.ndarray): (Q, k) int64.
        cameras (np.ndarray): (Q, k) int32, -1 where unknown.
        times (np.ndarray): (Q, k) float64 POSIX seconds, NaN where unknown; see :func:`to_iso`.
        modalities (np.ndarray): (Q, k) int32: 0 visible, 1 infrared, -1 unknown.
        paths (list[list[str]]): Q lists of k.
        tracks (np.ndarray): (Q, k) int64, -1 where unknown.
        columns (dict[str, np.ndarray]): (Q, k) values of each of the gallery's own columns.
    """

    scores: np.ndarray
    ids: np.ndarray
    cameras: np.ndarray
    times: np.ndarray
    modalities: np.ndarray
    paths: list[list[str]]
    tracks: np.ndarray
    columns: Columns = field(default_factory=dict)

    @classmethod
    def of(cls, scores: np.ndarray, paths: Sequence[str], columns: Columns) -> 'Hits':
        """Of Q queries with k hits each.

        Args:
            scores (np.ndarray): (Q, k).
            paths (Sequence[str]): Q k of them.
            columns (Columns): (Q, k) of each column.
        """
        top, own = scores.shape[1], {name: values for name, values in columns.items() if name not in STANDARD}
        return cls(
            scores,
            columns['id'],
            columns['camera'],
            columns['time'],
            columns['modality'],
            [list(paths[query * top : (query + 1) * top]) for query in range(len(scores))],
            columns['track'],
            own,
        )


class Block(NamedTuple):
    """Rows of a gallery.

    Attributes:
        features (np.ndarray): (b, D) float32 of unit length.
        paths (list[str]): Their files.
        columns (Columns): (b,) ``id``, ``camera``, ``time``, ``modality``, ``track``, and the gallery's own columns.
    """

    features: np.ndarray
    paths: list[str]
    columns: Columns


class Gallery(ABC):
    """A gallery. :func:`haresreid.search.open_gallery` opens one by its URI, and chooses the engine that keeps it.

    Any number of processes may read while one writes. Every call sees one version of the gallery, the newest when the
    call begins. A change is applied completely or not at all. What an engine does not keep to, its class says.

    Examples:
        >>> gallery = create_gallery('gallery', dim=2048, columns={'quality': 'float'})  # doctest: +SKIP
        >>> gallery.append(features, paths, cameras=3, tracks=tracks, columns={'quality': q})  # doctest: +SKIP
        >>> hits = gallery.query(query, top=10, exclude_cameras=3, where='quality >= 0.5')  # doctest: +SKIP
    """

    @abstractmethod
    def __len__(self) -> int: ...

    @staticmethod
    @abstractmethod
    def check_free(place: str) -> None:
        """Refuse a place at which no gallery can be made.

        Raises:
            ValueError: If something is there.
        """

    @property
    @abstractmethod
    def dim(self) -> int:
        """Length D of the vectors."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """The kind of search: 'exact', 'ivf' or 'hnsw'."""

    @property
    @abstractmethod
    def info(self) -> dict:
        """The JSON values that were stored when the gallery was made, such as the model of the features."""

    @property
    @abstractmethod
    def columns(self) -> dict[str, str]:
        """The gallery's own columns: the type of each, 'int', 'float' or 'text'."""

    @abstractmethod
    def paths(self) -> list[str]:
        """Paths of all rows, in the order in which they were added."""

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """All rows of one version, in blocks of bounded size."""

    @abstractmethod
    def snapshot(self) -> 'Gallery':
        """The present version, which later changes leave as it is. It cannot be changed.

        Raises:
            ValueError: If the engine keeps no versions.
        """

    @abstractmethod
    def compact(self, kind: str | None = None) -> None:
        """Free the space of deleted rows, and bring approximate search up to date.

        Args:
            kind (str, optional): The new kind of search. Defaults to None, which keeps it.

        Raises:
            ValueError: If there is no such kind.
        """

    def erase_deleted(self) -> None:
        """Remove deleted and replaced rows from the disk now: their vectors, paths and columns, in every old version.

        Readers and snapshots of old versions in other processes may fail from then on.
        """
        self.compact()

    def append(
        self,
        features: np.ndarray,
        paths: Sequence[str],
        cameras: Sequence[int | None] | int | None = None,
        times: Sequence | float | str | datetime | None = None,
        modalities: Sequence | str | int | None = None,
        ids: Sequence[int] | None = None,
        new_only: bool = False,
        tracks: Sequence[int | None] | int | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """Add rows, all or none. A single camera, time, modality, track or value applies to every row.

        Args:
            features (np.ndarray): (n, D); rows are scaled to unit length. May be mapped from a file.
            paths (Sequence[str]): The file of each row. Several rows may have the same path.
            cameras (Sequence[int] | int, optional): From 0 to 2147483647. None and NaN mean unknown. Defaults to None.
            times (Sequence | float | str | datetime, optional): See :func:`to_posix`. None and NaN mean unknown.
                Defaults to None.
            modalities (Sequence | str | int, optional): 'visible' or 'infrared', or a
                :class:`haresreid.structures.Modality`. None and NaN mean unknown. Defaults to None.
            ids (Sequence[int], optional): 64-bit integers. Defaults to None: continue after the largest id ever used.
            new_only (bool): Skip files that are already in the gallery, as :meth:`new_files` does, including those that
                another process has just added. Defaults to False.
            tracks (Sequence[int] | int, optional): From 0 on. None and NaN mean unknown. Defaults to None.
            columns (Mapping, optional): Values of the gallery's own columns. A column that is left out is unknown: -1,
                NaN or ''. Defaults to None.

        Returns:
            np.ndarray: The ids of the rows that were added.

        Raises:
            ValueError: If lengths differ, a feature is not finite or zero, a value is invalid, or an id is already in
                the gallery.
        """
        features = _matrix(features, self.dim)
        paths = [str(path) for path in paths]
        if len(paths) != len(features):
            raise ValueError(f'{len(features)} features have {len(paths)} paths')
        rows = row_columns(len(features), cameras, times, modalities, ids, tracks, columns, self.columns)
        with self._writing():
            if new_only:
                kept = new_names(canonical_names(paths), self._known_files())
                if len(kept) < len(paths):  # else they are not copied
                    features, paths = features[kept], [paths[row] for row in kept]
                    rows = {name: values[kept] for name, values in rows.items()}
            if ids is None:
                first = self._reserve_ids(len(paths))
                rows['id'] = first + np.arange(len(paths))
            else:
                _check_ids(rows['id'], self._among(rows['id']))
            self._add(_unit_blocks(features, paths), paths, rows)
        return rows['id'].copy()

    def new_files(self, paths: Sequence[str]) -> list[int]:
        """Which paths are of files that are not in the gallery. If a file occurs twice, the first counts.

        A file is recognised however its path is written: relative, absolute, with ``..``, or through a link to a
        folder. An empty path stands for no file and is always new.

        Args:
            paths (Sequence[str]): n paths.

        Returns:
            list[int]: Their positions among the n, ascending.
        """
        return new_names(canonical_names(paths), self._known_files())

    def update(
        self,
        ids: Sequence[int],
        cameras: Sequence[int | None] | int | None = None,
        times: Sequence | float | str | datetime | None = None,
        modalities: Sequence | str | int | None = None,
        tracks: Sequence[int | None] | int | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what is stored of rows beside their vectors, of all or of none.

        Args:
            ids (Sequence[int]): Their ids.
            cameras (Sequence[int] | int, optional): As in :meth:`append`. Defaults to None, which changes nothing; so
                do the others.
            times (Sequence | float | str | datetime, optional): The same.
            modalities (Sequence | str | int, optional): The same.
            tracks (Sequence[int] | int, optional): The same.
            columns (Mapping, optional): The gallery's own columns to change.

        Raises:
            ValueError: If an id is not in the gallery or stands twice, or a value is invalid.
        """
        given = dict(id=ids, camera=cameras, time=times, modality=modalities, track=tracks)
        given = {name: values for name, values in given.items() if values is not None}
        rows = convert_columns(len(ids), given, columns or {}, self.columns)
        _check_twice(rows['id'])
        if len(rows) == 1 or not len(ids):
            return
        with self._writing():
            missing = np.setdiff1d(rows['id'], self._among(rows['id']))
            if len(missing):
                raise ValueError(f'{len(missing)} of {len(ids)} ids are not in the gallery, the first is {missing[0]}')
            self._update(rows)

    def delete(self, ids: Sequence[int] | None = None, **filters: Any) -> int:
        """Delete the rows for which all conditions hold. Their disk space is freed by :meth:`compact`.

        Args:
            ids (Sequence[int], optional): Ids.
            filters: ``cameras``, ``exclude_cameras``, ``since``, ``until``, ``modality``, ``tracks``, ``where`` as in
                :meth:`query`.

        Returns:
            int: Number of deleted rows.

        Raises:
            ValueError: If there is no condition.
        """
        condition = Filter(ids, **filters)
        if not condition:
            raise ValueError(
                'say what to delete: ids, cameras, exclude_cameras, since, until, modality, tracks or where'
            )
        with self._writing():
            return self._delete(condition.conditions(self.columns))

    def query(
        self,
        features: np.ndarray,
        top: int = 10,
        cameras: Sequence[int] | int | None = None,
        exclude_cameras: Sequence[int] | int | None = None,
        since: float | str | datetime | None = None,
        until: float | str | datetime | None = None,
        modality: str | int | None = None,
        effort: float = 1.0,
        tracks: Sequence[int] | int | None = None,
        where: Sequence[str] | str | None = None,
    ) -> Hits:
        """Find the most similar rows among those for which all conditions hold.

        Scores are always computed from the float32 vectors. An approximate search may miss a row, but it never gives a
        wrong score, and it returns as many rows as an exact one.

        Args:
            features (np.ndarray): (Q, D), or (D,) for one query; scaled to unit length.
            top (int): Number of rows per query. Defaults to 10.
            cameras (Sequence[int] | int, optional): Only these cameras.
            exclude_cameras (Sequence[int] | int, optional): Not these cameras, e.g. the query's own.
            since (float | str | datetime, optional): This time or later; see :func:`to_posix`.
            until (float | str | datetime, optional): Before this time.
            modality (str | int, optional): Only 'visible' or 'infrared' images.
            effort (float): For an approximate search, 2 looks at twice as many candidates as 1, which finds more and
                takes longer. Defaults to 1.
            tracks (Sequence[int] | int, optional): Only these tracks.
            where (Sequence[str] | str, optional): Conditions on the gallery's own columns, each a column, one of
                ``= != < <= > >=`` and a value: ``'quality >= 0.5'``. An unknown float passes none.

        Raises:
            ValueError: If the features do not fit, or a condition is invalid.
        """
        queries = _matrix(np.atleast_2d(np.asarray(features, dtype=np.float32)), self.dim)
        queries = np.concatenate([*_unit_blocks(queries), queries[:0]])  # (Q, D)
        if top < 1 or not 0 < effort < float('inf'):
            raise ValueError(f'top must be at least 1 and effort above 0, got {top} and {effort}')
        chosen = Filter(None, cameras, exclude_cameras, since, until, modality, tracks, where)
        return self._search(queries, top, chosen.conditions(self.columns), effort)

    def stats(self) -> dict:
        """Statistics as JSON values: counts by camera and modality, first and last time, bytes on the disk."""
        rows = self._columns(('camera', 'time', 'modality', 'track'))
        times = rows['time'][~np.isnan(rows['time'])]
        return dict(
            rows=len(rows['time']),
            dim=self.dim,
            kind=self.kind,
            cameras=_counts(rows['camera'], lambda camera: 'unknown' if camera < 0 else str(camera)),
            modalities=_counts(rows['modality'], lambda number: 'unknown' if number < 0 else MODALITIES[number]),
            tracks=int(np.count_nonzero(np.unique(rows['track']) >= 0)),
            first_time=float(times.min()) if len(times) else None,
            last_time=float(times.max()) if len(times) else None,
            columns=self.columns,
            info=self.info,
        )

    def _writing(self) -> AbstractContextManager:
        """Wait until nobody else writes. Where several may write at once, there is nothing to wait for."""
        return nullcontext()

    @abstractmethod
    def _known_files(self) -> set[str]:
        """Canonical names of the files of all rows."""

    @abstractmethod
    def _reserve_ids(self, number: int) -> int:
        """The first of so many ids that nobody else gets."""

    @abstractmethod
    def _among(self, ids: np.ndarray) -> np.ndarray:
        """Those of the ids that are in the gallery."""

    @abstractmethod
    def _add(self, features: Iterator[np.ndarray], paths: list[str], rows: Columns) -> None:
        """Append n rows, whose unit vectors come in blocks."""

    @abstractmethod
    def _update(self, rows: Columns) -> None:
        """Change the columns of the rows with these ids, which are all there."""

    @abstractmethod
    def _delete(self, conditions: list[Condition]) -> int:
        """Delete the rows that meet all conditions, and count them."""

    @abstractmethod
    def _search(self, queries: np.ndarray, top: int, conditions: list[Condition], effort: float) -> Hits:
        """See :meth:`query`; the queries (Q, D) have unit length."""

    @abstractmethod
    def _columns(self, names: Sequence[str]) -> Columns:
        """These columns of all rows."""


def check_kind(kind: str) -> None:
    """Refuse an unknown kind of search.

    Raises:
        ValueError: If there is none of this name.
    """
    if kind not in KINDS:
        raise ValueError(f'{kind!r} is no kind of index: there are {", ".join(KINDS)}')


def checked_ids(first: int, number: int) -> int:
    """The first of so many ids, all of which fit into 64 bits.

    Raises:
        ValueError: If they do not.
    """
    if first + number > INT64_MAX:
        raise ValueError(f'after the id {first - 1} there are no {number} more: give ids')
    return first


def _matrix(features: np.ndarray, dim: int) -> np.ndarray:
    features = np.asarray(features)
    if features.ndim != 2 or features.shape[1] != dim or features.dtype.kind not in 'fiu':
        raise ValueError(
            f'features must be numbers of shape (N, {dim}), as in the index; got {features.dtype} of '
            f'shape {features.shape}'
        )
    return features


def _unit_blocks(features: np.ndarray, names: Sequence[str] | None = None) -> Iterator[np.ndarray]:
    """Rows of unit length as float32, in blocks."""
    for block in row_blocks(np.arange(len(features)), features.shape[1]):
        part = features[block[0] : block[-1] + 1].astype('<f4')  # (b, D)
        norms = np.linalg.norm(part, axis=1, keepdims=True)
        bad = np.flatnonzero(~np.isfinite(norms) | (norms == 0))
        if len(bad):
            row = block[bad[0]]
            raise ValueError(
                f'feature {row}{f" of {names[row]!r}" if names else ""} is zero or not finite: it has no '
                'direction to compare'
            )
        yield part / norms


def _check_ids(ids: np.ndarray, there: np.ndarray) -> None:
    _check_twice(ids)
    if len(there):
        raise ValueError(
            f'{len(there)} of {len(ids)} ids are in the index already, the first is {there[0]}: delete '
            'them first, or leave the ids to the index'
        )


def _check_twice(ids: np.ndarray) -> None:
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f'id {values[counts > 1][0]} stands twice among the {len(ids)} that are given')


def _counts(values: np.ndarray, name: Callable[[int], str]) -> dict[str, int]:
    values, counts = np.unique(values, return_counts=True)
    return {name(value): count for value, count in zip(values.tolist(), counts.tolist())}
