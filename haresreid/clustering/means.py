"""The mean feature of each cluster."""

import numpy as np

from haresreid.evaluation.functional import l2_normalize

__all__ = ['cluster_means']


def cluster_means(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The normalised mean of each cluster: (N, D), (N,) -> (C, D) float32.

    Args:
        features (np.ndarray): (N, D) rows of unit length.
        labels (np.ndarray): (N,) numbers of clusters, of which none up to the largest is missing; -1 for none.
    """
    chosen = labels >= 0
    sums = np.zeros((labels.max(initial=-1) + 1, features.shape[1]))
    np.add.at(sums, labels[chosen], features[chosen].astype(np.float64))
    return l2_normalize(sums).astype(np.float32)
