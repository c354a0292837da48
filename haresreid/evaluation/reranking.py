"""Re-ranking: a second distance, which takes the neighbours of an image into account.

Zhong, Zheng, Cao and Li, "Re-ranking Person Re-identification with k-reciprocal Encoding", CVPR 2017; average query
expansion after Chum et al., "Total Recall", ICCV 2007, and Arandjelovic and Zisserman, "Three things everyone should
know to improve object retrieval", CVPR 2012. Both use only features; the protocol's camera rule is applied to the
re-ranked list.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from tqdm import tqdm

from .functional import l2_normalize, query_blocks

__all__ = ['RERANKERS', 'average_query_expansion', 'jaccard_neighbors', 'k_reciprocal']


def k_reciprocal(
    query: np.ndarray, gallery: np.ndarray, k1: int = 20, k2: int = 6, lambda_value: float = 0.3
) -> Callable[[slice], np.ndarray]:
    """Distances by k-reciprocal encoding: images are close if they share reciprocal neighbours.

    The method is transductive: neighbours are sought among all N = Q + G images of the trial. A query's distances
    therefore depend on the other queries, and images that the camera rule hides from a query still vote.

    From the paper: an image's k1-reciprocal set is extended by the k1/2-reciprocal set of each member that overlaps it
    by two thirds; members are weighted by exp(-d); the encodings of the k2 nearest images are averaged; the Jaccard
    distance is one minus the sum of minima over the sum of maxima; the result is (1 - lambda) Jaccard + lambda d.

    Published results come from the authors' code, which is followed where it differs from the paper or says more. d is
    the squared Euclidean distance, divided by the largest in the *row* of the encoded image: the code divides the
    columns and transposes, so an image's own ranking keeps its order. Neighbours are counted without the image itself,
    which is first in its own list. The overlap must *exceed* two thirds. k1/2 is rounded half to even. Encodings sum to
    one, so the sum of maxima is two minus the sum of minima.

    No (N, N) array is made: neighbours are found in blocks and encodings are sparse.

    Args:
        query (np.ndarray): (Q, D) rows of unit length.
        gallery (np.ndarray): (G, D) rows of unit length.
        k1 (int): Size of the neighbourhood, capped at N - 1. Defaults to 20.
        k2 (int): Number of encodings averaged, the image's own included, capped at N; 1 averages none. Defaults to 6.
        lambda_value (float): Share of the original distance, in [0, 1]. Defaults to 0.3.

    Returns:
        Callable[[slice], np.ndarray]: Maps a slice of the queries to (block, G) float64 distances, smaller is closer.

    Raises:
        ValueError: If an argument is out of range, or the features are not what is described above.
    """
    _require_positive(k1=k1, k2=k2)
    if not 0 <= lambda_value <= 1:
        raise ValueError(f'lambda_value must be in [0, 1], got {lambda_value}.')
    features = np.concatenate(_require_unit_rows(query, gallery))  # (N, D)
    num_queries = len(query)
    encodings, farthest = _encodings(features, k1, k2)
    query_rows, gallery_columns = encodings[:num_queries], encodings[num_queries:].tocsc()

    def distances(rows: slice) -> np.ndarray:
        original = _squared_distances(features[:num_queries][rows], features[num_queries:])  # (block, G)
        original /= farthest[:num_queries][rows, None]
        jaccard = _jaccard(query_rows[rows], gallery_columns)  # (block, G)
        return (1 - lambda_value) * jaccard + lambda_value * original

    return distances


def jaccard_neighbors(features: np.ndarray, radius: float, k1: int = 30, k2: int = 6) -> sparse.csr_array:
    """All pairs of images whose Jaccard distance is at most ``radius``, by the encodings of :func:`k_reciprocal`.

    Images are one set, without queries. No (N, N) array is made.

    Args:
        features (np.ndarray): (N, D) rows of unit length.
        radius (float): The largest distance that counts, in [0, 1).
        k1 (int): See :func:`k_reciprocal`. Defaults to 30, as in Cluster Contrast (Dai et al., ACCV 2022).
        k2 (int): See :func:`k_reciprocal`. Defaults to 6.

    Returns:
        sparse.csr_array: (N, N) symmetric float64 distances. Those of neighbours are stored, zeros included.

    Raises:
        ValueError: If an argument is out of range, or the features are not what is described above.
    """
    _require_positive(k1=k1, k2=k2)
    if not 0 <= radius < 1:
        raise ValueError(f'radius must be in [0, 1), got {radius}.')
    rows, _ = _encodings(_require_unit_rows(features, features)[0], k1, k2)
    columns, images = rows.tocsc(), len(features)
    counts, neighbours, distances = [], [], []
    for block in tqdm(list(query_blocks(images, images)), 'Jaccard distances', disable=None, leave=False, delay=2):
        jaccard = np.maximum(_jaccard(rows[block], columns), 0)  # (block, N); rounding may put an image below zero
        near = jaccard <= radius
        counts.append(near.sum(axis=1))
        neighbours.append(np.nonzero(near)[1])
        distances.append(jaccard[near])
    starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return sparse.csr_array((np.concatenate(distances), np.concatenate(neighbours), starts), (images, images))


def average_query_expansion(query: np.ndarray, gallery: np.ndarray, top: int = 3) -> Callable[[slice], np.ndarray]:
    """Distances of expanded queries: each becomes the normalised mean of itself and its nearest gallery images.

    A query sees the gallery but no other query. Images that the camera rule hides from it may be among its nearest.

    Args:
        query (np.ndarray): (Q, D) rows of unit length.
        gallery (np.ndarray): (G, D) rows of unit length.
        top (int): Number of gallery images averaged with the query, capped at G. Defaults to 3, as many as a one-shot
            gallery holds of a person.

    Returns:
        Callable[[slice], np.ndarray]: Maps a slice of the queries to (block, G) float64 squared Euclidean distances.

    Raises:
        ValueError: If ``top`` is not positive, or the features are not what is described above.
    """
    _require_positive(top=top)
    query, gallery = _require_unit_rows(query, gallery)

    def distances(rows: slice) -> np.ndarray:
        nearest = _nearest(_squared_distances(query[rows], gallery), top)  # (block, top)
        expanded = query[rows] + _membership(nearest, len(gallery)) @ gallery  # (block, D)
        return _squared_distances(_on_grid(l2_normalize(expanded)), gallery)

    return distances


RERANKERS: dict[str, Callable[..., Callable[[slice], np.ndarray]]] = {
    'k-reciprocal': k_reciprocal,
    'aqe': average_query_expansion,
}


def _require_positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f'{name} must be at least 1, got {number}.')


def _require_unit_rows(query: np.ndarray, gallery: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Check both sets and round them to the grid of :func:`_on_grid`."""
    if not len(query) or not len(gallery):
        raise ValueError(f'Re-ranking needs queries and a gallery, got {len(query)} and {len(gallery)} images.')
    if query.shape[1] != gallery.shape[1]:
        raise ValueError(
            f'Query features have {query.shape[1]} dimensions and gallery features {gallery.shape[1]}; '
            'both must come from one model.'
        )
    for role, features in (('query', query), ('gallery', gallery)):
        lengths = np.linalg.norm(features, axis=1)
        wrong = ~(np.abs(lengths - 1) < 1e-3) & (lengths != 0)  # a dead feature stays zero when normalised
        if wrong.any():
            raise ValueError(
                f'{wrong.sum()} of {len(features)} {role} features are not of unit length, the first has '
                f'{lengths[wrong][0]:.3g}; apply haresreid.evaluation.functional.l2_normalize to them.'
            )
    return _on_grid(query), _on_grid(gallery)


def _on_grid(features: np.ndarray) -> np.ndarray:
    """Round to multiples of 2**-26, in float64, which makes the products of unit rows exact.

    Their terms are multiples of 2**-52 and no partial sum exceeds 1 (Cauchy-Schwarz), so 53 bits hold every sum,
    whatever the order in which BLAS adds. Equal images then tie exactly, in every block and on every machine. The grid
    is finer than the rounding of a float32 feature near one.
    """
    return np.rint(np.asarray(features, dtype=np.float64) * 2**26) / 2**26


def _squared_distances(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances between unit rows on the grid: (R, D), (C, D) -> (R, C)."""
    return _products_to_distances(rows @ columns.T)


def _products_to_distances(products: np.ndarray) -> np.ndarray:
    """Turn products into distances in place, clipped at zero: float32 lengths and thus products may exceed one."""
    products *= -2
    products += 2
    return np.maximum(products, 0, out=products)


def _nearest(distances: np.ndarray, count: int) -> np.ndarray:
    """The columns of the ``count`` smallest entries of each row, ascending; ties by order: (R, C) -> (R, count)."""
    count = min(count, distances.shape[1])
    bound = np.partition(distances, count - 1, axis=1)[:, count - 1]  # (R,)
    rows, columns = np.nonzero(distances <= bound[:, None])  # (E,), at least ``count`` per row, more on ties
    order = np.lexsort((distances[rows, columns], rows))  # stable: equal entries keep their columns' order
    starts = np.searchsorted(rows, np.arange(len(distances)))  # (R,)
    return columns[order][starts[:, None] + np.arange(count)]


def _rank_all(features: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` nearest of all images for each image, itself first, and its largest distance: (N, count), (N,)."""
    neighbours, farthest = [], []
    blocks = list(query_blocks(len(features), len(features)))
    for rows in tqdm(blocks, 'neighbours', disable=None, leave=False, delay=2):
        distances = _squared_distances(features[rows], features)  # (block, N)
        farthest.append(distances.max(axis=1))
        # First even if an exact copy, or rounding, would put another image before it.
        distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = -1
        neighbours.append(_nearest(distances, count))
    # If all images are equal, zero is later divided by a tiny number.
    return np.concatenate(neighbours), np.maximum(np.concatenate(farthest), 1e-12)


def _membership(columns: np.ndarray, num_columns: int) -> sparse.csr_array:
    """One in the given columns of each row: (R, k) -> sparse (R, C)."""
    num_rows, count = columns.shape
    ones = np.ones(columns.size, dtype=np.int32)
    return sparse.csr_array((ones, columns.ravel(), np.arange(0, columns.size + 1, count)), (num_rows, num_columns))


def _reciprocal(neighbours: np.ndarray, k: int) -> sparse.csr_array:
    """One where two images are among each other's k nearest, and on the diagonal: sparse, symmetric (N, N)."""
    forward = _membership(neighbours[:, : k + 1], len(neighbours))
    return forward.multiply(forward.T).tocsr()


def _encodings(features: np.ndarray, k1: int, k2: int) -> tuple[sparse.csr_array, np.ndarray]:
    """The encoding of each image, mean over its k2 nearest, and its largest distance: sparse (N, N), (N,)."""
    neighbours, farthest = _rank_all(features, max(k1 + 1, k2))
    encodings = _membership(neighbours[:, :k2], len(features)) @ _encode(features, neighbours, farthest, k1)
    return encodings / min(k2, len(features)), farthest


def _encode(features: np.ndarray, neighbours: np.ndarray, farthest: np.ndarray, k1: int) -> sparse.csr_array:
    """Weights over the expanded k1-reciprocal set of each image, summing to one: sparse (N, N)."""
    reciprocal, half = _reciprocal(neighbours, k1), _reciprocal(neighbours, round(k1 / 2))
    # [p, q]: whether q of R(p, k1) adds R(q, k1/2). The latter is symmetric, so it needs no transpose here.
    accepted = reciprocal.multiply(reciprocal @ half).tocsr()
    accepted.data = (3 * accepted.data > 2 * half.sum(axis=1)[accepted.indices]).astype(np.int32)
    members = (reciprocal + accepted @ half).tocsr()
    members.eliminate_zeros()
    images = np.repeat(np.arange(len(features)), np.diff(members.indptr))  # (E,) row of each entry
    weights = np.empty(members.nnz)
    for pairs in query_blocks(members.nnz, features.shape[1]):
        products = np.einsum('ed,ed->e', features[images[pairs]], features[members.indices[pairs]])
        weights[pairs] = np.exp(-_products_to_distances(products) / farthest[images[pairs]])
    weights /= np.bincount(images, weights)[images]
    return sparse.csr_array((weights, members.indices, members.indptr), members.shape)


def _jaccard(rows: sparse.csr_array, columns: sparse.csc_array) -> np.ndarray:
    """Jaccard distances between encodings, of which each sums to one: sparse (B, N), (G, N) -> (B, G)."""
    minima = _sums_of_minima(rows, columns, columns.shape[0])  # (B, G)
    return 1 - minima / (2 - minima)


def _sums_of_minima(rows: sparse.csr_array, columns: sparse.csc_array, num_gallery: int) -> np.ndarray:
    """Sum over the entries of the smaller of two encodings, for all pairs: sparse (B, N), (G, N) -> (B, G)."""
    lengths = np.diff(columns.indptr)[rows.indices]  # (E,) gallery images that share each entry of a query
    meetings = np.add.reduceat(lengths, rows.indptr[:-1])  # (B,); no encoding is empty: it holds the image itself
    sums = np.empty((rows.shape[0], num_gallery))
    for part in query_blocks(len(sums), meetings.max(initial=1)):
        sums[part] = _block_sums(rows[part], columns, num_gallery)
    return sums


def _block_sums(rows: sparse.csr_array, columns: sparse.csc_array, num_gallery: int) -> np.ndarray:
    lengths = np.diff(columns.indptr)[rows.indices]  # (E,)
    # Each entry of a query meets ``lengths`` consecutive entries of the gallery: P meetings in all.
    entries = np.repeat(np.arange(rows.nnz), lengths)  # (P,)
    met = np.arange(len(entries)) + (columns.indptr[rows.indices] - np.cumsum(lengths) + lengths)[entries]  # (P,)
    images = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))  # (E,)
    cells = images[entries] * num_gallery + columns.indices[met]  # (P,) cells of the (B, G) result
    minima = np.minimum(rows.data[entries], columns.data[met])
    return np.bincount(cells, minima, rows.shape[0] * num_gallery).reshape(-1, num_gallery)
