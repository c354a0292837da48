"""The best of many candidates, the last step of every search here."""

import numpy as np

__all__ = ['top_k']


def top_k(scores: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The candidates with the highest scores, best first; among equal scores the lower row comes first.

    Args:
        scores (np.ndarray): (Q, C), larger is better.
        rows (np.ndarray): (Q, C) row of each candidate.
        k (int): How many candidates to return; all, if there are fewer.

    Returns:
        tuple[np.ndarray, np.ndarray]: Their scores and rows, each (Q, min(k, C)).
    """
    if scores.shape[1] > k:
        kept = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        scores, rows = (np.take_along_axis(array, kept, axis=1) for array in (scores, rows))
    order = np.lexsort((rows, -scores), axis=1)
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1)
