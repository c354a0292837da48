"""The 20 corruptions of SYSU-MM01-C and RegDB-C: 19 of the package imagecorruptions, and rain.

Chen et al., "Benchmarks for Corruption Invariant Person Re-identification", NeurIPS 2021, Datasets and Benchmarks. The
package implements Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from haresreid.choices import VISIBLE_CORRUPTIONS
from haresreid.files.extras import require_extra

__all__ = ['VISIBLE', 'rain']

SEEDED = ('impulse_noise', 'glass_blur')
"""The package's functions that do not draw from NumPy's global generator but take a seed."""
DROPS = {1: (770, 10), 2: (600, 30), 3: (600, 30), 4: (500, 60), 5: (500, 60)}
"""Severity -> (pixels of the image per drop, length of a drop in pixels): drizzle, heavy rain, torrents."""
MAX_SLANT, DRAWN_SLANT = 10, 10
DROP_COLOUR = (200, 200, 200)


def _published(name: str, image: np.ndarray, severity: int) -> np.ndarray:
    require_extra('imagecorruptions', 'robustness')
    from imagecorruptions import corrupt

    seed = dict(seed=int(np.random.randint(2**31 - 1))) if name in SEEDED else {}
    return corrupt(image, severity, name, **seed)


def rain(image: np.ndarray, severity: int) -> np.ndarray:
    """Draw drops, blur the image and darken it, as Chen et al. do with albumentations 0.5.

    That release draws every drop 10 pixels to the right from top to bottom; the slant that it draws for an image only
    moves where drops may begin. Its conversion to HLS and back, which changes nothing but roundings, is left out.

    Args:
        image (np.ndarray): (H, W, 3) uint8 RGB.
        severity (int): 1 to 5.

    Raises:
        ValueError: If the image is less high than a drop is long.
    """
    height, width = image.shape[:2]
    area, length = DROPS[severity]
    if height < length:
        raise ValueError(f'rain of severity {severity} has drops of {length} pixels, and an image is {height} high.')
    slant = int(np.random.uniform(-MAX_SLANT, MAX_SLANT))
    wet = image.copy()
    for _ in range(height * width // area):
        x = np.random.randint(min(slant, 0), width - max(slant, 0) + 1)
        y = np.random.randint(0, height - length + 1)
        cv2.line(wet, (x, y), (x + DRAWN_SLANT, y + length), DROP_COLOUR)
    wet = cv2.blur(wet, (2 + severity, 2 + severity))
    darker = np.clip(np.arange(256) - 255 * (0.05 + 0.05 * severity), 0, 255).astype(np.uint8)  # (256,)
    return darker[wet]


VISIBLE: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    name: rain if name == 'rain' else partial(_published, name) for name in VISIBLE_CORRUPTIONS
}
"""Name -> function of an image, (H, W, 3) uint8 RGB, and a severity."""
