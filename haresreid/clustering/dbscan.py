"""Clusters of images that are close by their Jaccard distance."""

import numpy as np

from haresreid.evaluation.reranking import jaccard_neighbors
from haresreid.files.extras import require_extra

__all__ = ['cluster_images']


def cluster_images(
    features: np.ndarray, modalities: np.ndarray, eps: float, min_samples: int, k1: int, k2: int
) -> np.ndarray:
    """DBSCAN on the k-reciprocal Jaccard distances, in each modality alone.

    Nothing is drawn, and the features are rounded to a grid before they are compared, so the clusters follow from the
    features alone.

    Args:
        features (np.ndarray): (N, D) rows of unit length.
        modalities (np.ndarray): (N,) the modality of each image.
        eps (float): The largest Jaccard distance between two neighbours.
        min_samples (int): An image with so many neighbours, itself included, is inside of a cluster.
        k1 (int): See :func:`haresreid.evaluation.reranking.jaccard_neighbors`.
        k2 (int): See there.

    Returns:
        np.ndarray: (N,) int64 numbers of clusters, from 0 in every modality; -1 for an image that is in none.

    Raises:
        ValueError: If scikit-learn is not installed, or an argument is out of range.
    """
    require_extra('sklearn', 'unsupervised')
    from sklearn.cluster import DBSCAN

    labels = np.full(len(features), -1)
    for modality in np.unique(modalities):
        own = modalities == modality
        distances = jaccard_neighbors(features[own], eps, k1, k2)
        labels[own] = DBSCAN(eps=eps, min_samples=min_samples, metric='precomputed').fit(distances).labels_
    return labels
