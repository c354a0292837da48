"""Histograms of oriented gradients: a description of shape without learning."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ['hog']

CELL = 8  # pixels
ORIENTATIONS = 9  # over 180 degrees
CLIP = 0.2


def hog(grey: np.ndarray, block: int = 2) -> np.ndarray:
    """HOG of an image (Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005).

    Cells of 8 x 8 pixels, 9 orientations, overlapping blocks with the norm L2-Hys. Like scikit-image, whose values it
    reproduces, it omits the paper's smoothing between neighbouring bins.

    Args:
        grey (np.ndarray): (H, W) of numbers from 0 to 1; H and W are multiples of 8.
        block (int): Cells on a side of a block. Defaults to 2.

    Returns:
        np.ndarray: (H / 8 - block + 1, W / 8 - block + 1, block, block, 9) float64.
    """
    height, width = grey.shape
    down, right = np.zeros((2, height, width))  # 0 at the border, where a neighbour is missing
    down[1:-1] = grey[2:] - grey[:-2]
    right[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    angle = np.rad2deg(np.arctan2(down, right)) % 180
    row, column = np.indices(grey.shape) // CELL
    slot = (row * (width // CELL) + column) * ORIENTATIONS + (angle // (180 / ORIENTATIONS)).astype(int)  # (H, W)
    shape = (height // CELL, width // CELL, ORIENTATIONS)
    cells = np.bincount(slot.ravel(), np.hypot(right, down).ravel(), np.prod(shape)).reshape(shape) / CELL**2
    blocks = sliding_window_view(cells, (block, block), axis=(0, 1))  # (rows, columns, 9, block, block)
    blocks = blocks.transpose(0, 1, 3, 4, 2)  # (rows, columns, block, block, 9)
    return _unit(np.minimum(_unit(blocks), CLIP))


def _unit(blocks: np.ndarray) -> np.ndarray:
    squares = np.square(blocks).reshape(*blocks.shape[:2], -1).sum(axis=2)  # (rows, columns)
    return blocks / np.sqrt(squares + 1e-10)[..., None, None, None]
