"""Ranking, CMC, average precision (AP) and inverse negative penalty (INP) for blocks of queries.

AP and INP are image-level metrics; INP is from Ye et al., "Deep Learning for Person Re-identification: A Survey and
Outlook" (TPAMI 2021). Nothing here loops over queries, and nothing is random: equal distances keep the gallery's order.
Arrays may be NumPy's or torch tensors, on a CPU or a GPU.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

__all__ = ['QueryScores', 'cmc_curve', 'l2_normalize', 'query_blocks', 'rank_gallery', 'score_queries']


# Distances in one block: 16 MiB of float64.
BLOCK_ELEMENTS = 2**21
# The distance of excluded images: behind all others, and yet finite.
FARTHEST = torch.finfo(torch.float32).max


class QueryScores(NamedTuple):
    """The scores of each query. Rows of invalid queries hold zeros and must be left out of every mean.

    Attributes:
        hit_rank (np.ndarray): (Q,) 1-based rank of the first correct gallery match, counted in images or in identities.
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


def query_blocks(num_queries: int, num_gallery: int, elements: int = BLOCK_ELEMENTS) -> Iterator[slice]:
    """Cut the queries into consecutive blocks whose distance matrix has at most ``elements`` entries, or one row."""
    size = max(1, elements // max(1, num_gallery))
    for start in range(0, num_queries, size):
        yield slice(start, min(start + size, num_queries))


def rank_gallery(distances: np.ndarray | Tensor, excluded: np.ndarray | Tensor | None = None) -> np.ndarray:
    """Gallery indices from the nearest to the farthest; excluded images come last.

    Args:
        distances (np.ndarray | Tensor): (Q, G) finite distances, smaller is closer.
        excluded (np.ndarray | Tensor, optional): (Q, G) True where the query must not see the image.

    Returns:
        np.ndarray: (Q, G) indices; ties keep the gallery's order.
    """
    distances = torch.as_tensor(distances)
    if excluded is not None:
        distances = distances.masked_fill(torch.as_tensor(excluded, device=distances.device), torch.inf)
    return distances.sort(dim=1, stable=True).indices.cpu().numpy()


def score_queries(
    distances: np.ndarray | Tensor,
    query_pids: np.ndarray,
    gallery_pids: np.ndarray,
    excluded: np.ndarray | None = None,
    count_identities: bool = False,
) -> QueryScores:
    """Score the ranking of the gallery for one block of queries.

    All metrics follow from the ranks of the few correct images, so the full ranking is not needed: the rank of an image
    is the number of smaller distances in its row, found by bisection in the sorted distances. Sorting only the values,
    in float32, is many times faster than a stable argsort. Rounding to float32 keeps the order but can create ties. A
    row in which a correct image shares its rounded distance with another image is therefore ranked in full, by a stable
    sort of the unrounded distances.

    Args:
        distances (np.ndarray | Tensor): (Q, G), smaller is closer.
        query_pids (np.ndarray): (Q,) identities.
        gallery_pids (np.ndarray): (G,) identities.
        excluded (np.ndarray, optional): (Q, G) True where the query must not see the image, whoever it shows.
        count_identities (bool): Count ``hit_rank`` in distinct identities (each at its best image) instead of images.
            It does not affect AP and INP.

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
    given = torch.as_tensor(distances)
    queries, gallery = (torch.as_tensor(pids, device=given.device) for pids in (query_pids, gallery_pids))
    columns, correct = _correct_images(queries, gallery)  # (Q, R), (Q, R)
    keys = given.to(torch.float32, copy=True, memory_format=torch.contiguous_format)  # (Q, G)
    hidden = None if excluded is None else torch.as_tensor(excluded, device=given.device)  # (Q, G)
    if hidden is not None:
        correct &= ~hidden.gather(1, columns)
        keys.masked_fill_(hidden, FARTHEST)
    ordered = _sort_rows(keys)  # (Q, G)
    if not ordered[:, [0, -1]].isfinite().all():  # sorting puts NaN and infinity at the ends
        raise ValueError('The distances hold NaN or infinite values, which have no rank; check the features.')

    values = keys.gather(1, columns)  # (Q, R)
    positions = torch.searchsorted(ordered, values)  # (Q, R), 0-based
    after = positions + 1
    shared = (ordered.gather(1, after.clamp(max=keys.shape[1] - 1)) == values) & (after < keys.shape[1])
    tied = (shared & correct).any(dim=1)  # (Q,)
    if tied.any():
        ranking = rank_gallery(given[tied], None if hidden is None else hidden[tied])
        exact = torch.from_numpy(np.argsort(ranking, axis=1)).to(keys.device)  # each image's place in the ranking
        keys[tied] = exact.to(keys.dtype)  # exact in float32 up to 2**24 images
        values[tied] = keys[tied].gather(1, columns[tied])
        positions[tied] = exact.gather(1, columns[tied])

    counts = correct.sum(dim=1)  # (Q,)
    valid = counts > 0
    ranks = positions.masked_fill(~correct, keys.shape[1]).sort(dim=1).values + 1  # (Q, R), the correct ones first
    hits = torch.arange(1, ranks.shape[1] + 1, device=keys.device)  # (R,)
    precision = (hits / ranks.double()).masked_fill(hits > counts[:, None], 0)  # (Q, R)
    ap = precision.sum(dim=1) / counts.clamp(min=1)
    inp = counts / ranks.gather(1, (counts - 1).clamp(min=0)[:, None]).squeeze(1).double()
    hit_rank = ranks[:, 0]
    if count_identities:
        best = values.masked_fill(~correct, FARTHEST).amin(dim=1, keepdim=True)  # (Q, 1)
        hit_rank = _count_identities(keys < best, gallery) + 1
    return QueryScores(*(column.cpu().numpy() for column in (hit_rank * valid, ap, inp, valid)))


def _correct_images(query_pids: Tensor, gallery_pids: Tensor) -> tuple[Tensor, Tensor]:
    """Gallery indices of each query's identity, and which of them are not padding: both (Q, R), R at least 1."""
    pids, by_identity = gallery_pids.sort(stable=True)
    starts = torch.searchsorted(pids, query_pids)  # (Q,)
    counts = torch.searchsorted(pids, query_pids, right=True) - starts
    slots = torch.arange(max(1, int(counts.max())), device=pids.device)  # (R,)
    columns = by_identity[(starts[:, None] + slots).clamp(max=len(pids) - 1)]
    return columns, slots < counts[:, None]


def _count_identities(chosen: Tensor, gallery_pids: Tensor) -> Tensor:
    """Count the identities that have a chosen image: (Q, G) -> (Q,)."""
    pids = gallery_pids.cpu().numpy()
    by_identity = np.argsort(pids, kind='stable')
    _, starts, counts = np.unique(pids[by_identity], return_index=True, return_counts=True)
    images: Any = chosen.numpy() if chosen.device.type == 'cpu' else chosen  # NumPy takes columns several times faster
    found = images[:, by_identity[starts]]  # (Q, number of identities): the first image of each
    for number in range(1, counts.max()):  # and the next image of those that have one
        more = np.flatnonzero(counts > number)
        found[:, more] |= images[:, by_identity[starts[more] + number]]
    return torch.as_tensor(found.sum(1))


def _sort_rows(keys: Tensor) -> Tensor:
    if keys.device.type == 'cpu':  # on a CPU torch's sort also moves indices and is not vectorised
        return torch.from_numpy(np.sort(keys.numpy(), axis=1))
    return keys.sort(dim=1).values


def cmc_curve(scores: QueryScores, max_rank: int = 20) -> np.ndarray:
    """Share of valid queries with a correct match within rank 1..max_rank: (max_rank,).

    Raises:
        ValueError: If no query is valid.
    """
    if not scores.valid.any():
        raise ValueError(
            f'None of the {len(scores.valid)} queries has a correct image in the gallery; check that query '
            'and gallery share identities (and that the camera rule leaves any of them).'
        )
    ranks = scores.hit_rank[scores.valid]
    found = np.bincount(ranks[ranks <= max_rank], minlength=max_rank + 1)[1:]  # (max_rank,)
    return np.cumsum(found) / len(ranks)
