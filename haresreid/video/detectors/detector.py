"""The interface of a detector, and the detector of a name or a file."""

from pathlib import Path
from typing import Protocol

import numpy as np

__all__ = ['Detector', 'open_detector']


class Detector(Protocol):
    """Finds people in a frame.

    Attributes:
        name (str): What is kept beside its boxes, to tell whether they are those of this detector.
    """

    name: str

    def __call__(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find people.

        Args:
            pixels (np.ndarray): (H, W, 3) uint8 RGB.

        Returns:
            tuple[np.ndarray, np.ndarray]: (n, 4) float64 x1, y1, x2, y2 in pixels, and (n,) float64 scores.
        """


def open_detector(name: str, weights: str | Path | None = None, device: str | None = None) -> Detector:
    """Open a detector.

    Args:
        name (str): 'hog'; the path of an ``.onnx`` file; or a model of ``torchvision.models.detection``.
        weights (str | Path, optional): Weights of a torchvision model. Defaults to None, the weights that torchvision
            downloads.
        device (str, optional): Where a torchvision model runs. Defaults to None: the GPU, if there is one.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If there is no such detector, or what it needs is not installed.
    """
    if name == 'hog':
        from .hog import HogDetector

        return HogDetector()
    if name.endswith('.onnx'):
        from .onnx import OnnxDetector

        return OnnxDetector(name)
    from .torchvision import TorchvisionDetector

    return TorchvisionDetector(name, weights, device)
