"""Exact search: compare every chosen vector, in blocks of bounded memory."""

from collections.abc import Callable, Iterator

import numpy as np

from haresreid.apis.top_k import top_k

__all__ = ['exact_search', 'read_rows', 'row_blocks']

BLOCK = 2**24  # floats: 64 MiB of vectors, and as much of scores


def exact_search(
    vectors: np.ndarray, rows: np.ndarray, queries: np.ndarray, top: int, check: Callable[[np.ndarray], None]
) -> tuple[np.ndarray, np.ndarray]:
    """The vectors with the largest inner products.

    Args:
        vectors (np.ndarray): (N, D) float32, may be mapped from a file.
        rows (np.ndarray): (n,) rows to compare, ascending.
        queries (np.ndarray): (Q, D) float32.
        top (int): At most n.
        check (Callable): Called with the rows about to be compared; raises if they are damaged.

    Returns:
        tuple[np.ndarray, np.ndarray]: Scores and rows, each (Q, top), best first; of equal scores, the lower row first.
    """
    num_queries = max(1, min(len(queries), 1024))
    matches = []
    for start in range(0, len(queries), num_queries):
        part = queries[start : start + num_queries]  # (q, D)
        best = np.empty((len(part), 0), dtype=np.float32), np.empty((len(part), 0), dtype=np.int64)
        for block in row_blocks(rows, max(vectors.shape[1], num_queries)):
            check(block)
            scores = _scores(part, vectors, block)  # (q, b)
            found = top_k(scores, np.broadcast_to(block, scores.shape), top)
            best = top_k(np.hstack((best[0], found[0])), np.hstack((best[1], found[1])), top)
        matches.append(best)
    if not matches:
        return np.empty((0, top), dtype=np.float32), np.empty((0, top), dtype=np.int64)
    scores, rows = (np.concatenate(parts) for parts in zip(*matches))  # (Q, top)
    return scores, rows


def row_blocks(rows: np.ndarray, width: int) -> Iterator[np.ndarray]:
    """Cut rows into blocks that hold at most ``BLOCK`` numbers when each row has ``width`` of them."""
    size = max(1, BLOCK // width)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def read_rows(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of a mapped file. Consecutive rows are not copied, others are gathered."""
    if rows[-1] - rows[0] + 1 == len(rows):
        return vectors[rows[0] : rows[-1] + 1]
    return np.take(vectors, rows, axis=0)


def _scores(queries: np.ndarray, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Inner products: (q, b)."""
    start, stop = rows[0], rows[-1] + 1
    # measured: reading a row costs as much as 8 products, and copying it out of its neighbours 56 more
    if (stop - start) * (8 + len(queries)) < len(rows) * (64 + len(queries)):
        return (queries @ vectors[start:stop].T)[:, rows - start]
    return queries @ read_rows(vectors, rows).T
