"""A faiss structure for approximate search among the rows of one modality: derived data beside the vectors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.files.files import written_whole

from .exact import row_blocks
from .plain_files import open_plain
from .store import Snapshot

__all__ = ['BrokenStructure', 'Structure', 'faiss_or_none']

# With fewer rows an exact search is as fast, and it finds more where a filter leaves less than a fourth of them.
EXACT_ROWS = 10_000
NARROW = 4
# Lists and nodes searched with an effort of 1.
NPROBE = 16
EF_SEARCH = 64
VECTORS_PER_LIST = 40  # training vectors per list; faiss asks for 39


def faiss_or_none() -> Any:
    """The faiss module, or None if it is not installed. It is imported only when needed."""
    try:
        import faiss
    except ImportError:
        return None
    return faiss


class BrokenStructure(Exception):
    """A structure that faiss has read from a file is unusable."""


class Structure:
    """Finds candidates, whose scores are then computed from the vectors themselves.

    It stores 8 bits per number (scalar quantisation), a fourth of the size of the vectors.

    Args:
        index (faiss.Index): IVF or HNSW by inner product; its ids are positions in ``rows``.
        rows (np.ndarray): (M,) rows of the gallery, ascending.
    """

    def __init__(self, index: Any, rows: np.ndarray):
        self.index, self.rows = index, rows

    @classmethod
    def build(cls, kind: str, snapshot: Snapshot, rows: np.ndarray, seed: int = 0) -> 'Structure':
        """Train on a sample of the rows, then add all rows.

        Args:
            kind (str): 'ivf' or 'hnsw'.
            snapshot (Snapshot): The gallery.
            rows (np.ndarray): (M,) rows of this structure.
            seed (int): Seed of the sample. Defaults to 0.
        """
        num_lists = max(1, min(round(len(rows) ** 0.5), len(rows) // VECTORS_PER_LIST))
        name = f'IVF{num_lists},SQ8' if kind == 'ivf' else 'HNSW16,SQ8'
        faiss = faiss_or_none()
        index = faiss.index_factory(snapshot.vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
        if kind == 'ivf':
            index.cp.niter = 10  # of k-means, which takes most of the time
        sample = np.random.default_rng(seed).permutation(rows)[: VECTORS_PER_LIST * max(num_lists, 250)]
        index.train(snapshot.read_vectors(np.sort(sample)))
        structure = cls(index, rows[:0])
        structure.extend(snapshot, rows)
        return structure

    def extend(self, snapshot: Snapshot, rows: np.ndarray) -> None:
        """Add the rows that come after those of this structure.

        Raises:
            BrokenStructure: If faiss fails.
        """
        for block in row_blocks(rows[len(self.rows) :], snapshot.vectors.shape[1]):
            vectors = snapshot.read_vectors(block)
            with _faiss_errors():
                self.index.add(vectors)
        self.rows = rows

    def is_outgrown(self, num_rows: int) -> bool:
        """Whether this is an IVF that was trained for less than a quarter of this number of rows."""
        return self._is_ivf and 4 * self.index.nlist**2 < num_rows

    @property
    def _is_ivf(self) -> bool:
        return hasattr(self.index, 'nprobe')

    def candidates(self, queries: np.ndarray, count: int, chosen: np.ndarray, effort: float) -> np.ndarray:
        """Find rows near the queries.

        Args:
            queries (np.ndarray): (Q, D).
            count (int): Candidates per query.
            chosen (np.ndarray): (M,) which rows may be found. The fewer they are, the more lists or nodes are searched.
            effort (float): Factor on the usual number of lists or nodes.

        Returns:
            np.ndarray: (Q, count) rows of the gallery, -1 where there are fewer.

        Raises:
            BrokenStructure: If faiss fails.
        """
        faiss = faiss_or_none()
        selector = None if chosen.all() else faiss.IDSelectorBitmap(np.packbits(chosen, bitorder='little'))
        effort *= len(chosen) / max(1, int(np.count_nonzero(chosen)))
        if self._is_ivf:
            nprobe = round(min(self.index.nlist, max(1, NPROBE * effort)))
            params = faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)
        else:
            ef_search = max(count, round(min(len(chosen), EF_SEARCH * effort)))
            params = faiss.SearchParametersHNSW(efSearch=ef_search, sel=selector)
        with _faiss_errors():
            _, found = self.index.search(queries, count, params=params)  # (Q, count)
            return np.where(found < 0, -1, self.rows[found])

    def save(self, folder: Path, name: str) -> dict:
        """Write the structure to a file, and return the entry that :meth:`load` needs."""
        with written_whole(folder / name) as part:
            faiss_or_none().write_index(self.index, str(part))
            size, total = _sum(part)
            return dict(name=name, rows=len(self.rows), bytes=size, sum=total)

    @classmethod
    def load(cls, folder: Path, entry: dict, rows: np.ndarray, extensible: bool = False) -> 'Structure | None':
        """Map a structure from its file. None if the file is missing, a link, damaged, or unreadable for faiss.

        Args:
            folder (Path): Where it was saved.
            entry (dict): The result of :meth:`save`.
            rows (np.ndarray): The rows of its modality, which may have grown since.
            extensible (bool): Read it into memory, for :meth:`extend`. Defaults to False.
        """
        path, faiss = folder / entry['name'], faiss_or_none()
        try:
            if _sum(path) != (entry['bytes'], entry['sum']):
                return None
            with _faiss_errors():
                index = faiss.read_index(str(path), 0 if extensible else faiss.IO_FLAG_MMAP_IFC)
        except (BrokenStructure, OSError, ValueError):
            return None
        structure = cls(index, rows[: entry['rows']])
        return structure if index.is_trained and index.ntotal == len(structure.rows) == entry['rows'] else None


@contextmanager
def _faiss_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever comes out of C++: RuntimeError, MemoryError, AssertionError, IndexError, ...
        raise BrokenStructure(str(error)) from error


def _sum(path: Path) -> tuple[int, int]:
    """Size of a file, and the sum of its 64-bit words: it finds damage at the speed of memory.

    Raises:
        OSError: If there is no such file.
        ValueError: If it is empty or not a plain file.
    """
    with open_plain(path, 'rb') as file:
        content = np.memmap(file, np.uint8, 'r')
    words = content[: len(content) // 8 * 8].view(np.uint64)
    return len(content), (int(words.sum(dtype=np.uint64)) + int(content[8 * len(words) :].sum())) % 2**64
