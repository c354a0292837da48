"""Corruptions of visible and of infrared images, at severities 1 to 5.

All of them draw from NumPy's global generator.
"""

import numpy as np

from haresreid.structures import Modality

from .infrared import INFRARED
from .visible import VISIBLE

__all__ = ['ANY', 'CORRUPTIONS', 'SEVERITIES', 'corrupt_image']

CORRUPTIONS = {Modality.VISIBLE: VISIBLE, Modality.INFRARED: INFRARED}
"""Modality -> the name of a corruption -> the function."""
SEVERITIES = range(1, 6)
ANY = 'any'
"""Stands for one corruption of the modality, drawn for each image."""


def corrupt_image(image: np.ndarray, modality: Modality, name: str = ANY, severity: int | None = None) -> np.ndarray:
    """Corrupt an image.

    Args:
        image (np.ndarray): (H, W, 3) uint8 RGB, at least 32 pixels high and wide.
        modality (Modality): Whose corruptions are meant.
        name (str): A key of ``CORRUPTIONS[modality]``, or 'any', which draws one. Defaults to 'any'.
        severity (int, optional): 1 to 5. Defaults to None, which draws it.

    Returns:
        np.ndarray: (H, W, 3) uint8.
    """
    # the severity first, so that the same seed gives it to every corruption
    severity = np.random.choice(SEVERITIES) if severity is None else severity
    name = np.random.choice(list(CORRUPTIONS[modality])) if name == ANY else name
    return CORRUPTIONS[modality][name](image, int(severity))
