"""OpenCV's HOG person detector (Dalal and Triggs, CVPR 2005), which needs no weights."""

import numpy as np

__all__ = ['HogDetector']

# shares of a window's width and height: a person has 16 pixels of background on each side of the 64 x 128 window, and
# some of it stays
MARGIN_X, MARGIN_Y = 0.2, 0.1


class HogDetector:
    """Finds people who stand upright and are at least 100 pixels high. Its scores are margins, not probabilities.

    Args:
        threshold (float): The least margin of the linear SVM. Defaults to 0.5; below, windows often hold a group that
            is farther away.

    Raises:
        ValueError: If this OpenCV has no such detector.
    """

    name = 'hog'

    def __init__(self, threshold: float = 0.5) -> None:
        import cv2

        if not hasattr(cv2, 'HOGDescriptor'):
            raise ValueError(
                f'OpenCV {cv2.__version__} has no HOG detector, which opencv-python lost with release 5: pip install '
                "'opencv-python<5', or give --boxes or another --detector"
            )
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
        self.threshold = threshold

    def __call__(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        windows, margins = self._hog.detectMultiScale(
            pixels, hitThreshold=self.threshold, winStride=(8, 8), padding=(8, 8), scale=1.05
        )
        x, y, width, height = np.reshape(windows, (-1, 4)).astype(np.float64).T
        corners = x + MARGIN_X * width, y + MARGIN_Y * height, x + (1 - MARGIN_X) * width, y + (1 - MARGIN_Y) * height
        return np.stack(corners, axis=1), np.reshape(margins, -1).astype(np.float64)  # (n, 4), (n,)
