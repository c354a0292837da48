"""The interface through which the inferencer computes features."""

from typing import Protocol

import numpy as np

__all__ = ['Backend']


class Backend(Protocol):
    """A model that is ready to run: :class:`TorchBackend`, or :class:`OnnxBackend`.

    Attributes:
        image_size (tuple[int, int]): (Height, width) of the images that it takes.
        feature_dim (int): D.
        thermal_range (tuple[float, float], optional): The range with which training read grey images deeper than 8
            bits; see :func:`haresreid.files.images.to_rgb`. May be missing.
    """

    image_size: tuple[int, int]
    feature_dim: int
    thermal_range: tuple[float, float] | None

    def __call__(self, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        """Compute the features that retrieval ranks by.

        Args:
            images (np.ndarray): (B, H, W, 3) uint8 RGB of ``image_size``; the backend normalises them.
            modalities (np.ndarray): (B,) int64 :class:`haresreid.structures.Modality` values.

        Returns:
            np.ndarray: (B, D) float32, rows L2-normalised.
        """
