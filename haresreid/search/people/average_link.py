"""Average-link agglomeration in which some pairs may never come together."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ['LARGEST', 'average_link']

BLOCK = 2**22  # scores that are computed at once: 32 MiB, and a few times as much on the way
LARGEST = 30_000  # items of one component: their distances take 3.6 GB, and SciPy copies them
NEVER = 1e12  # the distance of two that may not come together: any average with it is out of reach


def average_link(scores: Callable[[np.ndarray, np.ndarray], np.ndarray], count: int, least: float) -> np.ndarray:
    """Join groups as long as the mean score between them is high enough, the best two first.

    Groups that are joined have a pair of at least the mean score. Items that no chain of such pairs connects are
    therefore never joined, so each connected component is agglomerated by itself, with the result of all together.

    Args:
        scores (Callable): Of items (n,) and others (m,), their scores (n, m); -inf where the two may never be in one
            group.
        count (int): N, the number of items.
        least (float): The least mean score between two groups that are joined.

    Returns:
        np.ndarray: (N,) numbers of groups, from 0.

    Raises:
        ValueError: If a component has more than ``LARGEST`` items.
    """
    component = _components(scores, count, least)
    labels, used = np.empty(count, dtype=np.int64), 0
    order = np.argsort(component, kind='stable')
    for items in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
        labels[items] = used + (_agglomerate(scores, items, least) if len(items) > 1 else 0)
        used = labels[items].max(initial=used - 1) + 1
    return labels


def _components(scores: Callable, count: int, least: float) -> np.ndarray:
    """(N,) the connected component of each item, where a score of at least ``least`` connects two."""
    component = np.arange(count)
    for items in _blocks(count, count):
        others = np.arange(items[0], count)
        one, other = np.nonzero(scores(items, others) >= least)
        ends = component[items[one]], component[others[other]]
        graph = coo_array((np.ones(len(one), dtype=bool), ends), shape=(count, count))
        component = connected_components(graph, directed=False)[1][component]
    return component


def _agglomerate(scores: Callable, items: np.ndarray, least: float) -> np.ndarray:
    """(n,) numbers of groups from 0."""
    size = len(items)
    if size > LARGEST:
        raise ValueError(
            f'{size:,} tracks hang together as a chain of similar ones, and {LARGEST:,} at most can be told apart at '
            'once: ask for a higher probability or similarity'
        )
    distances = np.empty(size * (size - 1) // 2)  # of each item to those after it
    filled = 0
    for part in _blocks(size, size):
        others = np.arange(part[0], size)
        found = scores(items[part], items[others])[others > part[:, None]]
        distances[filled : filled + len(found)] = found
        filled += len(found)
    top = distances.max()
    np.subtract(top, distances, out=distances)
    distances[np.isinf(distances)] = NEVER
    return fcluster(linkage(distances, 'average'), top - least, 'distance') - 1


def _blocks(count: int, width: int) -> Iterator[np.ndarray]:
    size = max(1, BLOCK // max(1, width))
    return (np.arange(start, min(start + size, count)) for start in range(0, count, size))
