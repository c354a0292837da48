"""A searchable gallery on disk: vectors with ids, cameras, times, modalities and paths."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.apis.top_k import top_k
from haresreid.choices import INDEX_KINDS as KINDS
from haresreid.choices import MODALITIES
from haresreid.files.numbers import INT64_MAX, whole_number

from . import structure as structure_module
from .columns import row_columns
from .exact import exact_search, row_blocks
from .file_names import canonical_names, new_names
from .filters import Filter
from .manifest import NUMBERS
from .store import Snapshot, Store
from .structure import BrokenStructure, Structure, faiss_or_none

__all__ = ['KINDS', 'GalleryIndex', 'Hits']


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
    """

    scores: np.ndarray
    ids: np.ndarray
    cameras: np.ndarray
    times: np.ndarray
    modalities: np.ndarray
    paths: list[list[str]]


class GalleryIndex:
    """An index in a folder. Any number of processes may read while one writes; further writers wait.

    Every call sees one version of the index, the newest when the call begins. A change is applied completely or not at
    all, even if the process is killed in the middle of it.

    Approximate search has one faiss structure per modality. Cross-modal search usually filters by modality, and one
    structure for both would spend its candidates on the query's own modality. Rows that are in no structure (the newest
    ones, and those of small galleries) are searched exactly. Without faiss, all rows are.

    Args:
        folder (str | Path): The folder of an index.

    Raises:
        FileNotFoundError: If there is no index.
        ValueError: If it is damaged or of another format.

    Examples:
        >>> index = GalleryIndex.create('gallery', dim=2048)  # doctest: +SKIP
        >>> index.append(features, paths, cameras=3, times='2026-11-24T10:15:00Z')  # doctest: +SKIP
        >>> hits = index.query(query, top=10, exclude_cameras=3, since='2026-11-24')  # doctest: +SKIP
    """

    def __init__(self, folder: str | Path):
        self._store = Store(folder)
        self._loaded: tuple[dict, list[Structure]] = ({}, [])
        self._files: tuple[tuple, int, set[str]] = ((), 0, set())

    @classmethod
    def create(cls, folder: str | Path, dim: int, kind: str = 'exact', info: dict | None = None) -> 'GalleryIndex':
        """Make an empty index.

        Args:
            folder (str | Path): A new or empty folder.
            dim (int): D.
            kind (str): 'exact'; 'ivf', which is fast to build; or 'hnsw', which is faster to search. Defaults to
                'exact'.
            info (dict, optional): JSON values to store with it, e.g. the model of the features. Defaults to None.

        Raises:
            ValueError: If the folder is not empty, or an argument is invalid.
        """
        _check_kind(kind)
        Store.create(folder, whole_number(dim, *NUMBERS['dim'], 'dim'), kind, info or {})
        return cls(folder)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._store.read().alive))

    @property
    def dim(self) -> int:
        """Length D of the vectors."""
        return self._store.read().manifest['dim']

    @property
    def kind(self) -> str:
        """The kind of index: 'exact', 'ivf' or 'hnsw'."""
        return self._store.read().manifest['kind']

    @property
    def info(self) -> dict:
        """The values that were given to :meth:`create`."""
        return self._store.read().manifest['info']

    def paths(self) -> list[str]:
        """Paths of all rows, in the order in which they were added."""
        snapshot = self._store.read()
        return snapshot.paths(np.flatnonzero(snapshot.alive))

    def append(
        self,
        features: np.ndarray,
        paths: Sequence[str],
        cameras: Sequence[int | None] | int | None = None,
        times: Sequence | float | str | datetime | None = None,
        modalities: Sequence | str | int | None = None,
        ids: Sequence[int] | None = None,
        new_only: bool = False,
    ) -> np.ndarray:
        """Add rows, all or none. A single camera, time or modality applies to every row.

        Args:
            features (np.ndarray): (n, D); rows are scaled to unit length. May be mapped from a file.
            paths (Sequence[str]): The file of each row. Several rows may have the same path.
            cameras (Sequence[int] | int, optional): From 0 to 2147483647. None and NaN mean unknown. Defaults to None.
            times (Sequence | float | str | datetime, optional): See :func:`to_posix`. None and NaN mean unknown.
                Defaults to None.
            modalities (Sequence | str | int, optional): 'visible' or 'infrared', or a
                :class:`haresreid.structures.Modality`. None and NaN mean unknown. Defaults to None.
            ids (Sequence[int], optional): 64-bit integers. Defaults to None: continue after the largest id ever used.
            new_only (bool): Skip files that are already in the index, as :meth:`new_files` does, including those that
                another process has just added. Defaults to False.

        Returns:
            np.ndarray: The ids of the rows that were added.

        Raises:
            ValueError: If lengths differ, a feature is not finite or zero, a value is invalid, or an id is already in
                the index.
        """
        features = _matrix(features, self.dim)
        paths = [str(path) for path in paths]
        if len(paths) != len(features):
            raise ValueError(f'{len(features)} features have {len(paths)} paths')
        rows = row_columns(len(features), cameras, times, modalities, ids)
        with self._store.writing() as snapshot:
            if new_only:
                kept = new_names(canonical_names(paths), self._known_files(snapshot))
                if len(kept) < len(paths):  # else they are not copied
                    features, rows, paths = features[kept], rows[kept], [paths[row] for row in kept]
            if ids is None:
                first = snapshot.manifest['next_id']
                if first + len(rows) > INT64_MAX:
                    raise ValueError(f'after the id {first - 1} there are no {len(rows)} more: give ids')
                rows['id'] = first + np.arange(len(rows))
            else:
                _check_ids(rows['id'], snapshot)
            self._store.append(snapshot, _unit_blocks(features, paths), rows, paths)
            self._update_structures(check=False)
        return rows['id'].copy()

    def new_files(self, paths: Sequence[str]) -> list[int]:
        """Which paths are of files that are not in the index. If a file occurs twice, the first counts.

        A file is recognised however its path is written: relative, absolute, with ``..``, or through a link to a
        folder. An empty path stands for no file and is always new.

        Args:
            paths (Sequence[str]): n paths.

        Returns:
            list[int]: Their positions among the n, ascending.
        """
        return new_names(canonical_names(paths), self._known_files(self._store.read()))

    def _known_files(self, snapshot: Snapshot) -> set[str]:
        """Names of the files of a version. They are cached because many appends follow each other."""
        version = snapshot.folder, snapshot.manifest['deleted']
        known_version, count, names = self._files
        if known_version != version or count > len(snapshot.rows):
            count, names = 0, set()
        names.update(canonical_names(snapshot.paths(count + np.flatnonzero(snapshot.alive[count:]))))
        self._files = version, len(snapshot.rows), names
        return names

    def delete(self, ids: Sequence[int] | None = None, **filters: Any) -> int:
        """Delete the rows for which all conditions hold. Their disk space is freed by :meth:`compact`.

        Args:
            ids (Sequence[int], optional): Ids.
            filters: ``cameras``, ``exclude_cameras``, ``since``, ``until``, ``modality`` as in :meth:`query`.

        Returns:
            int: Number of deleted rows.

        Raises:
            ValueError: If there is no condition.
        """
        condition = Filter(ids, **filters)
        if not condition:
            raise ValueError('say what to delete: ids, cameras, exclude_cameras, since, until or modality')
        with self._store.writing() as snapshot:
            rows = np.flatnonzero(condition.chosen(snapshot))
            if len(rows):
                self._store.delete(snapshot, rows)
        return len(rows)

    def compact(self, kind: str | None = None) -> None:
        """Remove deleted rows from the disk, and rebuild structures that are missing, damaged or out of date.

        Args:
            kind (str, optional): The new kind of the index, see :meth:`create`. Defaults to None, which keeps it.

        Raises:
            ValueError: If there is no such kind.
        """
        _check_kind(kind or self.kind)
        with self._store.writing() as snapshot:
            if kind not in (None, snapshot.manifest['kind']):
                self._store.commit(snapshot, kind=kind, structures={})
                snapshot = self._store.read()
            if not snapshot.alive.all():
                self._store.rewrite(snapshot, row_blocks(np.flatnonzero(snapshot.alive), snapshot.manifest['dim']))
            self._update_structures(check=True)
            self._store.sweep(self._store.read())

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
    ) -> Hits:
        """Find the most similar rows among those for which all conditions hold.

        Scores are always computed from the float32 vectors. An approximate index may miss a row, but it never gives a
        wrong score, and it returns as many rows as an exact one.

        Args:
            features (np.ndarray): (Q, D), or (D,) for one query; scaled to unit length.
            top (int): Number of rows per query. Defaults to 10.
            cameras (Sequence[int] | int, optional): Only these cameras.
            exclude_cameras (Sequence[int] | int, optional): Not these cameras, e.g. the query's own.
            since (float | str | datetime, optional): This time or later; see :func:`to_posix`.
            until (float | str | datetime, optional): Before this time.
            modality (str | int, optional): Only 'visible' or 'infrared' images.
            effort (float): For an approximate index, 2 looks at twice as many candidates as 1, which finds more and
                takes longer. Defaults to 1.

        Raises:
            ValueError: If the features do not fit, or a condition is invalid.
        """
        queries = _matrix(np.atleast_2d(np.asarray(features, dtype=np.float32)), self.dim)
        queries = np.concatenate([*_unit_blocks(queries), queries[:0]])  # (Q, D)
        if top < 1 or not 0 < effort < float('inf'):
            raise ValueError(f'top must be at least 1 and effort above 0, got {top} and {effort}')
        snapshot = self._store.read()
        chosen = Filter(None, cameras, exclude_cameras, since, until, modality).chosen(snapshot)  # (N,)
        top = min(top, int(np.count_nonzero(chosen)))
        found = []
        for structure in self._structures(snapshot):
            among = chosen[structure.rows]  # (M,)
            count = np.count_nonzero(among)
            if count > max(structure_module.EXACT_ROWS, len(among) // structure_module.NARROW, 2 * top):
                try:
                    found.append(_approximate(structure, snapshot, queries, top, among, effort))
                    chosen[structure.rows] = False  # they have been searched
                except BrokenStructure as error:
                    warnings.warn(
                        f'a structure in {snapshot.folder} fails in faiss ({error}): its rows are searched '
                        'exactly; compact() makes those anew that cannot be read',
                        stacklevel=2,
                    )
        rows = np.flatnonzero(chosen)
        found.append(exact_search(snapshot.vectors, rows, queries, min(top, len(rows)), snapshot.check_vectors))
        scores, rows = (np.concatenate(parts, axis=1) for parts in zip(*found))
        scores, rows = top_k(scores, rows, top)  # (Q, top)
        columns = snapshot.rows[rows]
        paths = snapshot.paths(rows.ravel())
        return Hits(
            scores,
            columns['id'],
            columns['camera'],
            columns['time'],
            columns['modality'],
            [paths[start : start + top] for start in range(0, len(paths), top)] if top else [[] for _ in rows],
        )

    def stats(self) -> dict:
        """Statistics as JSON values: counts by camera and modality, first and last time, bytes on the disk."""
        snapshot = self._store.read()
        manifest, rows = snapshot.manifest, snapshot.rows[snapshot.alive]
        times = rows['time'][~np.isnan(rows['time'])]
        return dict(
            rows=len(rows),
            deleted=manifest['deleted'],
            dim=manifest['dim'],
            kind=manifest['kind'],
            cameras=_counts(rows['camera'], lambda camera: 'unknown' if camera < 0 else str(camera)),
            modalities=_counts(rows['modality'], lambda number: 'unknown' if number < 0 else MODALITIES[number]),
            first_time=float(times.min()) if len(times) else None,
            last_time=float(times.max()) if len(times) else None,
            bytes=sum(path.lstat().st_size for path in snapshot.folder.iterdir()),
            rows_in_structures=sum(entry['rows'] for entry in manifest['structures'].values()),
            info=manifest['info'],
        )

    def _structures(self, snapshot: Snapshot) -> list[Structure]:
        """Readable structures of a version. They stay in memory until the next version replaces them."""
        entries = snapshot.manifest['structures']
        key = dict(entries, generation=snapshot.manifest['generation'])
        if faiss_or_none() is None or not entries:
            return []
        loaded = self._loaded
        if loaded[0] != key:
            self._loaded = loaded = {}, []  # frees the memory of the old ones first
            structures = self._read_structures(snapshot)
            broken = [entries[number]['name'] for number, structure in structures.items() if structure is None]
            if broken and self._store.read() is snapshot:  # otherwise they have been replaced in the meantime
                warnings.warn(
                    f'{snapshot.folder / broken[0]} is missing or damaged: its rows are searched exactly '
                    'until compact() makes it anew',
                    stacklevel=2,
                )
            self._loaded = loaded = key, [structure for structure in structures.values() if structure is not None]
        return loaded[1]

    def _read_structures(self, snapshot: Snapshot) -> dict[str, Structure | None]:
        return {
            number: Structure.load(snapshot.folder, entry, np.flatnonzero(snapshot.rows['modality'] == int(number)))
            for number, entry in snapshot.manifest['structures'].items()
        }

    def _update_structures(self, check: bool) -> None:
        """Update the structures with new rows if it is worth it. Call only while writing.

        Args:
            check (bool): Also read structures that are up to date, and rebuild damaged ones. Otherwise, new rows are
                left to exact search until they are a tenth as many as those in the structure.
        """
        snapshot = self._store.read()
        entries, kind = snapshot.manifest['structures'], snapshot.manifest['kind']
        if kind == 'exact' or faiss_or_none() is None:
            return
        self._loaded = {}, []
        for number in np.unique(snapshot.rows['modality']).tolist():
            rows = np.flatnonzero(snapshot.rows['modality'] == number)
            entry = entries.get(str(number))
            covered = entry['rows'] if entry else 0
            tail = len(rows) - covered
            if len(rows) <= structure_module.EXACT_ROWS or (
                not check and tail <= max(structure_module.EXACT_ROWS, covered // 10)
            ):
                continue
            structure = Structure.load(snapshot.folder, entry, rows, extensible=tail > 0) if entry else None
            if structure is not None and len(structure.rows) == len(rows):
                continue
            structure = _extended(structure, kind, snapshot, rows)
            name = f'{kind}_{number}_{snapshot.manifest["version"]}.faiss'
            entries = {**entries, str(number): structure.save(snapshot.folder, name)}
            self._store.commit(snapshot, structures=entries)
            snapshot = self._store.read()


def _extended(structure: Structure | None, kind: str, snapshot: Snapshot, rows: np.ndarray) -> Structure:
    """The structure extended by new rows, or a new one if it is missing, too small, or broken."""
    if structure is not None and not structure.is_outgrown(len(rows)):
        try:
            structure.extend(snapshot, rows)
            return structure
        except BrokenStructure:
            pass
    return Structure.build(kind, snapshot, rows)


def _approximate(
    structure: Structure, snapshot: Snapshot, queries: np.ndarray, top: int, among: np.ndarray, effort: float
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and rows, each (Q, top), of candidates from the structures. Scores are computed from the vectors."""
    found = structure.candidates(queries, 2 * top, among, effort)  # (Q, 2 top)
    snapshot.check_vectors(found[found >= 0])
    scores = np.full(found.shape, -np.inf, dtype=np.float32)
    for index, rows in enumerate(found):
        scores[index, rows >= 0] = snapshot.vectors[rows[rows >= 0]] @ queries[index]
    scores, found = top_k(scores, found, top)
    short = np.flatnonzero((found < 0).any(axis=1))
    if len(short):  # the filter left too few candidates for these queries
        scores[short], found[short] = exact_search(
            snapshot.vectors, structure.rows[among], queries[short], top, snapshot.check_vectors
        )
    return scores, found


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f'{kind!r} is no kind of index: there are {", ".join(KINDS)}')


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


def _check_ids(ids: np.ndarray, snapshot: Snapshot) -> None:
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f'id {values[counts > 1][0]} stands twice among the {len(ids)} new rows')
    there = values[np.isin(values, snapshot.rows['id'][snapshot.alive])]
    if len(there):
        raise ValueError(
            f'{len(there)} of {len(ids)} ids are in the index already, the first is {there[0]}: delete '
            'them first, or leave the ids to the index'
        )


def _counts(values: np.ndarray, name: Callable[[int], str]) -> dict[str, int]:
    values, counts = np.unique(values, return_counts=True)
    return {name(value): count for value, count in zip(values.tolist(), counts.tolist())}
