"""The engine of a folder on this machine: a gallery that outlives power cuts, and needs only NumPy."""

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from haresreid.apis.top_k import top_k
from haresreid.files.numbers import whole_number

from . import structure as structure_module
from .columns import STANDARD, Columns, check_columns
from .exact import exact_search, row_blocks
from .file_names import canonical_names
from .filters import Condition
from .gallery import Block, Gallery, Hits, check_kind, checked_ids
from .manifest import NUMBERS
from .store import FrozenStore, Snapshot, Store, check_free
from .structure import BrokenStructure, Structure, faiss_or_none

__all__ = ['GalleryIndex']


class GalleryIndex(Gallery):
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
    def create(
        cls,
        folder: str | Path,
        dim: int,
        kind: str = 'exact',
        info: dict | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> 'GalleryIndex':
        """Make an empty index.

        Args:
            folder (str | Path): A new or empty folder.
            dim (int): D.
            kind (str): 'exact'; 'ivf', which is fast to build; or 'hnsw', which is faster to search. Defaults to
                'exact'.
            info (dict, optional): JSON values to store with it, e.g. the model of the features. Defaults to None.
            columns (Mapping[str, str], optional): Columns of its own, and the type of each: 'int', 'float' or 'text'.
                Defaults to None, none.

        Raises:
            ValueError: If the folder is not empty, or an argument is invalid.
        """
        check_kind(kind)
        columns = dict(columns or {})
        check_columns(columns)
        Store.create(folder, whole_number(dim, *NUMBERS['dim'], 'dim'), kind, info or {}, columns)
        return cls(folder)

    @staticmethod
    def check_free(place: str) -> None:
        check_free(place)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._store.read().alive))

    @property
    def dim(self) -> int:
        return self._store.read().manifest['dim']

    @property
    def kind(self) -> str:
        return self._store.read().manifest['kind']

    @property
    def info(self) -> dict:
        return self._store.read().manifest['info']

    @property
    def columns(self) -> dict[str, str]:
        return dict(self._store.read().manifest.get('columns', {}))

    def blocks(self) -> Iterator[Block]:
        snapshot = self._store.read()
        columns = {name: snapshot.column(name) for name in (*STANDARD, *self.columns)}
        for block in row_blocks(np.flatnonzero(snapshot.alive), self.dim):
            part = {name: values[block] for name, values in columns.items()}
            yield Block(snapshot.read_vectors(block), snapshot.paths(block), part)

    def paths(self) -> list[str]:
        snapshot = self._store.read()
        return snapshot.paths(np.flatnonzero(snapshot.alive))

    def _known_files(self) -> set[str]:
        """They are cached because many appends follow each other."""
        snapshot = self._store.read()
        version = snapshot.folder, snapshot.manifest['deleted']
        known_version, count, names = self._files
        if known_version != version or count > len(snapshot.rows):
            count, names = 0, set()
        names.update(canonical_names(snapshot.paths(count + np.flatnonzero(snapshot.alive[count:]))))
        self._files = version, len(snapshot.rows), names
        return names

    def snapshot(self) -> 'GalleryIndex':
        frozen = copy.copy(self)
        snapshot = self._store.read()
        self._structures(snapshot)  # a compaction may take their files away
        frozen._loaded, frozen._store = self._loaded, FrozenStore(self._store.root, snapshot)
        return frozen

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._store.writing():
            yield

    def _reserve_ids(self, number: int) -> int:
        return checked_ids(self._store.read().manifest['next_id'], number)

    def _among(self, ids: np.ndarray) -> np.ndarray:
        snapshot = self._store.read()
        return ids[np.isin(ids, snapshot.rows['id'][snapshot.alive])]

    def _add(self, features: Iterator[np.ndarray], paths: list[str], rows: Columns) -> None:
        snapshot = self._store.read()
        self._check_tracks(snapshot, rows)
        self._store.append(snapshot, features, paths, rows)
        self._update_structures(check=False)

    def _update(self, rows: Columns) -> None:
        snapshot = self._store.read()
        self._check_tracks(snapshot, rows)
        alive = np.flatnonzero(snapshot.alive)
        alive = alive[np.isin(snapshot.rows['id'][alive], rows['id'])]
        order = np.argsort(rows['id'])[np.searchsorted(np.sort(rows['id']), snapshot.rows['id'][alive])]
        changes = {name: values[order] for name, values in rows.items() if name != 'id'}
        self._store.replace(snapshot, alive, changes)
        self._update_structures(check=False)

    def _check_tracks(self, snapshot: Snapshot, rows: Columns) -> None:
        if not snapshot.has_tracks and (rows.get('track', np.array(-1)) >= 0).any():
            raise ValueError(
                f'{self._store.root} was made by an earlier release and keeps no tracks: copy it into a new gallery '
                'with haresreid search copy'
            )

    def _delete(self, conditions: list[Condition]) -> int:
        snapshot = self._store.read()
        rows = np.flatnonzero(_chosen(snapshot, conditions))
        if len(rows):
            self._store.delete(snapshot, rows)
        return len(rows)

    def compact(self, kind: str | None = None) -> None:
        check_kind(kind or self.kind)
        with self._store.writing() as snapshot:
            if kind not in (None, snapshot.manifest['kind']):
                self._store.commit(snapshot, kind=kind, structures={})
                snapshot = self._store.read()
            if not snapshot.alive.all():
                self._store.rewrite(snapshot, row_blocks(np.flatnonzero(snapshot.alive), snapshot.manifest['dim']))
            self._update_structures(check=True)
            self._store.sweep(self._store.read())

    def _search(self, queries: np.ndarray, top: int, conditions: list[Condition], effort: float) -> Hits:
        snapshot = self._store.read()
        chosen = _chosen(snapshot, conditions)  # (N,)
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
        columns = {name: snapshot.column(name)[rows] for name in (*STANDARD, *self.columns)}
        return Hits.of(scores, snapshot.paths(rows.ravel()), columns)

    def _columns(self, names: Sequence[str]) -> Columns:
        snapshot = self._store.read()
        return {name: snapshot.column(name)[snapshot.alive] for name in names}

    def stats(self) -> dict:
        snapshot = self._store.read()
        manifest = snapshot.manifest
        return dict(
            **super().stats(),
            deleted=manifest['deleted'],
            bytes=sum(path.lstat().st_size for path in snapshot.folder.iterdir()),
            rows_in_structures=sum(entry['rows'] for entry in manifest['structures'].values()),
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


def _chosen(snapshot: Snapshot, conditions: list[Condition]) -> np.ndarray:
    """(N,) where a row is not deleted and meets all conditions."""
    chosen = snapshot.alive.copy()
    for condition in conditions:
        chosen &= condition.met(snapshot.column(condition.column))
    return chosen
