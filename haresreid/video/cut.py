"""A person cut out of a frame."""

import numpy as np

from .boxes import VideoBoxes
from .frames import Frame, Video

__all__ = ['cut']


def cut(video: Video, frame: Frame, boxes: VideoBoxes, row: int) -> np.ndarray:
    """The part of a frame in a box, which is clipped to the frame.

    Args:
        video (Video): For messages.
        frame (Frame): The frame of the box.
        boxes (VideoBoxes): N boxes.
        row (int): Which of them.

    Returns:
        np.ndarray: (h, w, 3) uint8 RGB.

    Raises:
        ValueError: If the box lies outside of the frame.
    """
    height, width = frame.pixels.shape[:2]
    corners = np.clip(boxes.corners[row], 0, (width, height, width, height)).tolist()
    x1, y1, x2, y2 = (round(value) for value in corners)
    if x1 >= x2 or y1 >= y2:
        raise ValueError(
            f'{video.path}{boxes.describe(row)}, which lies outside of the frame of {width} x {height} pixels.'
        )
    return np.ascontiguousarray(frame.pixels[y1:y2, x1:x2])
