"""The frames of a video, in order."""

import itertools
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from haresreid.files.paths import expand_home

__all__ = ['VIDEO_EXTENSIONS', 'Frame', 'Video']

VIDEO_EXTENSIONS = ('.mp4', '.avi', '.mkv', '.mov', '.webm', '.m4v')


class Frame(NamedTuple):
    """A frame: its number, counted from 0; its seconds since the first; its pixels, (H, W, 3) uint8 RGB."""

    number: int
    seconds: float
    pixels: np.ndarray


class Video:
    """A video file.

    Args:
        path (str | Path): The file.

    Attributes:
        rate (float): Frames per second, as the file states it.
        count (int): Frames, as the file states it; a recorder that was cut off may have left fewer. 0 if unknown.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no video, or OpenCV is not installed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(expand_home(path))
        if not Path(self.path).is_file():
            raise FileNotFoundError(f'There is no video {self.path}.')
        capture = self._open()
        rate, count = capture.get(self._cv2.CAP_PROP_FPS), capture.get(self._cv2.CAP_PROP_FRAME_COUNT)
        capture.release()
        self.rate = float(rate) if 0 < rate < 1000 else 25.0
        self.count = max(0, int(count))

    def frames(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """The frames that have boxes.

        Args:
            numbers (Iterable[int]): Their numbers, ascending.

        Raises:
            ValueError: If the video ends before the last of them.
        """
        end = yield from self._read(numbers)
        if end is not None:
            raise ValueError(f'{self.path} ends after {end[0]} frames, and there are boxes for frame {end[1]}.')

    def every(self, step: int, first: int = 0) -> Iterator[Frame]:
        """Every ``step``-th frame from the ``first`` to the end of the video."""
        yield from self._read(itertools.count(first, step))

    def _read(self, numbers: Iterable[int]) -> Generator[Frame, None, tuple[int, int] | None]:
        """Decode these frames. If the video ends before, return its length and the number of the missing frame.

        Every frame from the first is read, because seeking is not exact in every format.
        """
        capture = self._open()
        try:
            at = -1
            for number in numbers:
                while at < number and capture.grab():
                    at += 1
                pixels = capture.retrieve()[1] if at == number else None
                if pixels is None:
                    return at + 1, number
                milliseconds = capture.get(self._cv2.CAP_PROP_POS_MSEC)
                seconds = milliseconds / 1000 if milliseconds > 0 else number / self.rate
                yield Frame(number, seconds, np.ascontiguousarray(pixels[:, :, ::-1]))  # OpenCV's BGR to RGB
            return None
        finally:
            capture.release()

    def _open(self) -> Any:
        try:
            import cv2
        except ModuleNotFoundError as error:
            raise ValueError(f'{self.path}: videos need OpenCV, pip install opencv-python-headless') from error
        self._cv2 = cv2
        capture = cv2.VideoCapture(self.path)
        if not capture.isOpened():
            raise ValueError(f'{self.path} cannot be read as a video.')
        return capture
