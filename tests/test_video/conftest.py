from pathlib import Path

import cv2
import numpy as np
import pytest

WIDTH, HEIGHT, FRAMES = 160, 120, 20


def corners(person: int, frame: int) -> tuple[float, float, float, float]:
    """Person 0 walks right in the upper half, person 1 walks left in the lower half."""
    x = 10 + 5 * frame if person == 0 else 130 - 5 * frame
    return x, 5 + 60 * person, x + 20, 55 + 60 * person


@pytest.fixture(scope='session')
def walk(tmp_path_factory) -> Path:
    """A video of a red and a blue person, 20 frames of which 10 are a second."""
    path = tmp_path_factory.mktemp('walk') / 'walk.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (WIDTH, HEIGHT))
    for frame in range(FRAMES):
        pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
        pixels[:4, :4] = 10 * frame
        for person, colour in enumerate(((20, 20, 200), (200, 20, 20))):  # BGR
            x1, y1, x2, y2 = map(int, corners(person, frame))
            pixels[y1:y2, x1:x2] = colour
            pixels[y1 : y1 + 10, x1 + 5 : x2 - 5] = 255
        writer.write(pixels)
    writer.release()
    return path


@pytest.fixture(scope='session')
def walk_rows() -> list[tuple]:
    """(frame, person, x1, y1, x2, y2) of everybody."""
    return [(frame, person, *corners(person, frame)) for frame in range(FRAMES) for person in range(2)]
