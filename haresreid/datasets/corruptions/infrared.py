"""Seven corruptions of infrared images, which no publication defines: what their cameras suffer from.

Every function takes an image, (H, W, 3) uint8, of three about equal channels, and a severity from 1 to 5. It returns
three equal channels, except for :func:`false_colours`.
"""

from collections.abc import Callable

import cv2
import numpy as np

__all__ = [
    'INFRARED',
    'dead_lines',
    'defocus',
    'false_colours',
    'fixed_pattern',
    'low_contrast',
    'saturation',
    'sensor_noise',
]

PALETTES = (cv2.COLORMAP_JET, cv2.COLORMAP_HOT, cv2.COLORMAP_INFERNO)


def _grey(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 -> (H, W), 0 to 1."""
    return image.mean(axis=2) / 255


def _three_channels(grey: np.ndarray) -> np.ndarray:
    """(H, W), 0 to 1 and beyond -> (H, W, 3) uint8."""
    levels = np.round(255 * np.clip(grey, 0, 1)).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)


def sensor_noise(image: np.ndarray, severity: int) -> np.ndarray:
    """Few photons, and noise of reading them: Poisson and Gaussian noise, the same in all channels."""
    photons, reading = [(200, 0.02), (100, 0.03), (50, 0.05), (25, 0.08), (12, 0.12)][severity - 1]
    grey = _grey(image)
    return _three_channels(
        np.random.poisson(grey * photons) / photons + np.random.normal(scale=reading, size=grey.shape)
    )


def fixed_pattern(image: np.ndarray, severity: int) -> np.ndarray:
    """Pixels and columns of unequal gain and offset, as of an uncooled sensor.

    The pattern is fixed in a camera's frame. An image is cut out of the frame anywhere, so each has a pattern of its
    own.
    """
    strength = [0.03, 0.06, 0.1, 0.15, 0.22][severity - 1]
    grey = _grey(image)
    gain = np.random.normal(1, strength, grey.shape)  # (H, W)
    columns = np.random.normal(0, strength / 2, grey.shape[1])  # (W,)
    return _three_channels(grey * gain + columns)


def saturation(image: np.ndarray, severity: int) -> np.ndarray:
    """Too long an exposure, or a range too narrow for a warm body: brighter, and cut off at white."""
    gain = [1.3, 1.6, 2.0, 2.6, 3.5][severity - 1]
    return _three_channels(gain * _grey(image))


def defocus(image: np.ndarray, severity: int) -> np.ndarray:
    """The mean over a disk, whose radius is a share of the image's height."""
    radius = [0.01, 0.015, 0.02, 0.03, 0.04][severity - 1] * len(image)
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    inside = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)  # a smooth edge
    return _three_channels(cv2.filter2D(_grey(image), -1, inside / inside.sum()))


def low_contrast(image: np.ndarray, severity: int) -> np.ndarray:
    """A body about as warm as what is behind it: less distance to the mean, and fewer grey levels."""
    share = [0.6, 0.45, 0.3, 0.2, 0.1][severity - 1]
    grey = _grey(image)
    return _three_channels(grey.mean() + share * (grey - grey.mean()))


def false_colours(image: np.ndarray, severity: int) -> np.ndarray:
    """A palette of the camera instead of grey, mixed into the image up to a pure palette."""
    grey = _three_channels(_grey(image))
    coloured = cv2.applyColorMap(grey, PALETTES[np.random.randint(len(PALETTES))])[..., ::-1]  # BGR to RGB
    share = severity / 5
    return np.round((1 - share) * grey + share * coloured).astype(np.uint8)


def dead_lines(image: np.ndarray, severity: int) -> np.ndarray:
    """Rows and columns that are black or white throughout, at least one of them."""
    share = [0.01, 0.02, 0.04, 0.08, 0.15][severity - 1]
    grey = _grey(image)
    height, width = grey.shape
    number = max(1, round(share * (height + width)))
    for line in np.random.choice(height + width, number, replace=False):
        value = np.random.randint(2)
        if line < height:
            grey[line] = value
        else:
            grey[:, line - height] = value
    return _three_channels(grey)


INFRARED: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    function.__name__: function
    for function in (sensor_noise, fixed_pattern, saturation, defocus, low_contrast, false_colours, dead_lines)
}
"""Name -> function of an image, (H, W, 3) uint8 RGB, and a severity."""
