"""Shorter features: principal components, learnt on the training set."""

from dataclasses import dataclass

import numpy as np

from haresreid.apis import Backend
from haresreid.files.extras import require_extra

__all__ = ['Reduction', 'fit_reduction', 'training_features']

BATCH_SIZE = 32


@dataclass(frozen=True)
class Reduction:
    """Subtracts a mean and projects onto axes; the result is scaled to unit length.

    Args:
        mean (np.ndarray): (D,) float32.
        axes (np.ndarray): (D, d) float32.
    """

    mean: np.ndarray
    axes: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(B, D) -> (B, d) float32, rows of unit length."""
        projected = (features - self.mean) @ self.axes
        return projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-12)


def fit_reduction(features: np.ndarray, dims: int, whiten: bool = False) -> Reduction:
    """Learn a reduction by PCA.

    Whitening weighs all axes alike. It helps features of image retrieval (Jégou and Chum, "Negative Evidences and
    Co-Occurrences in Image Retrieval: The Benefit of PCA and Whitening", ECCV 2012), and costs those of the model that
    ships up to 8 points of mAP.

    Args:
        features (np.ndarray): (N, D) of training images, L2-normalised.
        dims (int): d.
        whiten (bool): Divide each axis by the standard deviation along it. Defaults to False.

    Raises:
        ValueError: If scikit-learn is not installed, d is above D, or N is not above d.
    """
    require_extra('sklearn', 'statistics')
    from sklearn.decomposition import PCA

    number, width = features.shape
    if not 0 < dims <= width or dims >= number:
        raise ValueError(
            f'{dims} dimensions cannot be made of {width}, learnt on {number} images: give 1 to '
            f'{max(1, min(width, number - 1))}, or more images.'
        )
    pca = PCA(dims, svd_solver='full').fit(features.astype(np.float64))
    axes = pca.components_.T  # (D, d)
    if whiten:
        axes = axes / np.sqrt(pca.explained_variance_)
    return Reduction(pca.mean_.astype(np.float32), axes.astype(np.float32))


def training_features(backend: Backend, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
    """Features (N, D) of images (N, H, W, 3) and their modalities (N,), computed in batches."""
    starts = range(0, len(images), BATCH_SIZE)
    parts = [backend(images[start:][:BATCH_SIZE], modalities[start:][:BATCH_SIZE]) for start in starts]
    return np.concatenate(parts)
