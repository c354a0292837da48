"""Ranking, CMC, average precision (AP) and inverse negative penalty (INP) for blocks of queries.

AP and INP are image-level figures; INP is from Ye et al., "Deep Learning for Person Re-identification: A Survey and
Outlook" (TPAMI 2021). Nothing here loops over queries, and nothing is random: equal distances keep the gallery's order.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

__all__ = ['QueryScores', 'cmc_curve', 'l2_normalize', 'query_blocks', 'rank_gallery', 'score_queries']

# Distances in one block: 16 MiB of float64, and about four times that for its ranking.
BLOCK_ELEMENTS = 2**21


class QueryScores(NamedTuple):
    """What each query scored. Rows of invalid queries hold zeros and must be left out of every mean.

    Attributes:
        hit_rank (np.ndarray): (Q,) 1-based rank of the first correct answer, counted in images or in identities.
        ap (np.ndarray): (Q,) average precision in [0, 1].
        inp (np.ndarray): (Q,) inverse negative penalty in [0, 1].
        valid (np.ndarray): (Q,) whether the gallery holds at least one correct image for the query.
    """

    hit_rank: np.ndarray
    ap: np.ndarray
    inp: np.ndarray
    valid: np.ndarray


def l2_normalize(features: np.ndarray) -> np.ndarray:
    """Scale the rows of (N, D) to length one in float32; a zero row stays zero."""
    features = np.asarray(features, dtype=np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def query_blocks(num_queries: int, num_gallery: int) -> Iterator[slice]:
    """Cut the queries into consecutive blocks whose distance matrices have a bounded size."""
    size = max(1, BLOCK_ELEMENTS // max(1, num_gallery))
    for start in range(0, num_queries, size):
        yield slice(start, min(start + size, num_queries))


def rank_gallery(distances: np.ndarray, excluded: np.ndarray | None = None) -> np.ndarray:
    """Gallery indices from the nearest to the farthest; excluded images come last.

    Args:
        distances (np.ndarray): (Q, G) finite distances, smaller is closer.
        excluded (np.ndarray, optional): (Q, G) True where the query must not see the image.

    Returns:
        np.ndarray: (Q, G) indices; ties keep the gallery's order.
    """
    if excluded is not None:
        distances = np.where(excluded, np.inf, distances)
    return np.argsort(distances, axis=1, kind='stable')


def score_queries(distances: np.ndarray,
                  query_pids: np.ndarray,
                  gallery_pids: np.ndarray,
                  excluded: np.ndarray | None = None,
                  collapse_ids: bool = False) -> QueryScores:
    """Rank the gallery for one block of queries and score the ranking.

    Args:
        distances (np.ndarray): (Q, G), smaller is closer.
        query_pids (np.ndarray): (Q,) identities.
        gallery_pids (np.ndarray): (G,) identities.
        excluded (np.ndarray, optional): (Q, G) True where the query must not see the image, whoever it shows.
        collapse_ids (bool): Count ``hit_rank`` in distinct identities (each at its best image) instead of images. AP and
            INP are not touched by it.

    Returns:
        QueryScores: One row per query.

    Raises:
        ValueError: If a distance is not finite.

    Examples:
        >>> import numpy as np
        >>> scores = score_queries(np.array([[1., 2., 3., 4., 5., 6.]]), np.array([7]), np.array([7, 1, 7, 2, 2, 7]))
        >>> float(scores.inp[0]), round(float(scores.ap[0]), 5)
        (0.5, 0.72222)
    """
    if not np.isfinite(distances).all():
        raise ValueError('The distances hold NaN or infinite values, which have no rank; check the features.')
    order = rank_gallery(distances, excluded)  # (Q, G)
    correct = query_pids[:, None] == gallery_pids[None, :]  # (Q, G)
    if excluded is not None:
        correct &= ~excluded

    # One entry per correct image, ordered by query and then by rank.
    rows, positions = np.nonzero(np.take_along_axis(correct, order, axis=1))  # (R,), (R,)
    counts = np.bincount(rows, minlength=len(order))  # (Q,) correct images of each query
    valid = counts > 0
    ends = np.cumsum(counts)  # (Q,)
    starts = ends - counts
    hits = np.arange(1, len(rows) + 1) - starts[rows]  # (R,) 1, 2, ... within each query

    ap = np.bincount(rows, weights=hits / (positions + 1), minlength=len(order)) / np.maximum(counts, 1)
    inp, hit_rank = np.zeros(len(order)), np.zeros(len(order), dtype=np.int64)
    inp[valid] = counts[valid] / (positions[ends[valid] - 1] + 1)
    first = np.zeros(len(order), dtype=np.int64)
    first[valid] = positions[starts[valid]]
    hit_rank[valid] = (_identities_before(order, gallery_pids, first) if collapse_ids else first)[valid] + 1
    return QueryScores(hit_rank, ap, inp, valid)


def _identities_before(order: np.ndarray, gallery_pids: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Count the identities whose best image is ranked before position ``first`` of each query: (Q,)."""
    num_gallery = order.shape[1]
    by_identity = np.argsort(gallery_pids, kind='stable')
    slots = np.empty(num_gallery, dtype=np.intp)  # gallery index -> its place when sorted by identity
    slots[by_identity] = np.arange(num_gallery)
    positions = np.empty(order.shape, dtype=np.int32)
    np.put_along_axis(positions, slots[order], np.arange(num_gallery, dtype=np.int32)[None], axis=1)
    starts = np.unique(gallery_pids[by_identity], return_index=True)[1]
    best = np.minimum.reduceat(positions, starts, axis=1)  # (Q, G) -> (Q, number of identities)
    return (best < first[:, None]).sum(axis=1)


def cmc_curve(scores: QueryScores, max_rank: int = 20) -> np.ndarray:
    """Share of valid queries answered within rank 1..max_rank: (max_rank,).

    Raises:
        ValueError: If no query is valid.
    """
    if not scores.valid.any():
        raise ValueError(f'None of the {len(scores.valid)} queries has a correct image in the gallery; check that query '
                         'and gallery share identities (and that the camera rule leaves any of them).')
    ranks = scores.hit_rank[scores.valid]
    answered = np.bincount(ranks[ranks <= max_rank], minlength=max_rank + 1)[1:]  # (max_rank,)
    return np.cumsum(answered) / len(ranks)
