"""The inferencer's inputs as one sequence of images: paths, folders, arrays, boxes of people in a video."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.files.csv_files import read_csv
from haresreid.files.images import IMAGE_EXTENSIONS, read_rgb
from haresreid.files.numbers import INT32_MAX, finite_number, whole_number
from haresreid.files.paths import expand_home

__all__ = ['Images', 'open_images']

VIDEO_EXTENSIONS = ('.mp4', '.avi', '.mkv', '.mov', '.webm', '.m4v')
COLUMNS = ('frame', 'x1', 'y1', 'x2', 'y2')
Boxes = Mapping[int, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Images:
    """Images by name, decoded only when they are needed.

    Attributes:
        names (list[str]): A path, ``'day.mp4#frame=12#box=0'``, or '' for an array.
        pixels (Iterator[np.ndarray | ValueError]): Each image, (H, W, 3) uint8 RGB, or why it cannot be read.
    """

    names: list[str]
    pixels: Iterator[np.ndarray | ValueError]


def open_images(
    inputs: Any, boxes: Boxes | str | Path | None = None, thermal_range: tuple[float, float] | None = None
) -> Images:
    """Find all images, so that missing ones are reported before any work is done.

    Args:
        inputs: A path; a folder, whose images and those of its subfolders are taken, sorted by path; an array
            (H, W, 3) uint8 RGB; a list of these; or, with ``boxes``, the path of a video.
        boxes (Mapping | str | Path, optional): The people of a video, ``{frame: [(x1, y1, x2, y2), ...]}``, frames
            counted from 0, corners in pixels; or a CSV file with the columns frame,x1,y1,x2,y2. Defaults to None.
        thermal_range (tuple[float, float], optional): See :func:`haresreid.files.images.to_rgb`. Defaults to None.

    Raises:
        FileNotFoundError: If a path does not exist, or a folder holds no image.
        ValueError: If there is no image, an array has another shape or type, or boxes do not fit.
    """
    if boxes is not None:
        return _open_video(inputs, boxes)
    items = [inputs] if isinstance(inputs, (str, Path, np.ndarray)) else list(inputs)
    images: list[str | np.ndarray] = []
    for number, item in enumerate(items):
        images += [_checked(item, number)] if isinstance(item, np.ndarray) else _files(item, number)
    if not images:
        raise ValueError('There are no images: the list of inputs is empty.')
    return Images(
        ['' if isinstance(image, np.ndarray) else image for image in images],
        (_decoded(image, thermal_range) for image in images),
    )


def _checked(array: np.ndarray, number: int) -> np.ndarray:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or not array.size:
        raise ValueError(
            f'Image {number} is an array {array.shape} of {array.dtype}: give (H, W, 3) uint8, RGB; several as a list.'
        )
    return array


def _files(item: Any, number: int) -> list[str]:
    if not isinstance(item, (str, Path)):
        raise ValueError(f'Input {number} is a {type(item).__name__}: give paths, folders or NumPy arrays.')
    path = Path(expand_home(item))
    if path.is_dir():
        files = sorted(
            str(file)
            for file in path.rglob('*')
            if file.name.lower().endswith(IMAGE_EXTENSIONS) and not file.name.startswith('.')
        )
        if not files:
            raise FileNotFoundError(f'There is no image in {path}: {", ".join(IMAGE_EXTENSIONS)} are read.')
        return files
    if not path.is_file():
        raise FileNotFoundError(f'There is no image {path}.')
    if path.suffix.lower() in VIDEO_EXTENSIONS:
        raise ValueError(f'{path} is a video: say with boxes=... where its people are, and give it alone.')
    return [str(path)]


def _decoded(image: str | np.ndarray, thermal_range: tuple[float, float] | None) -> np.ndarray | ValueError:
    if isinstance(image, np.ndarray):
        return image
    try:
        return read_rgb(image, turn=True, thermal_range=thermal_range)
    except ValueError as error:
        return error


def _open_video(video: Any, boxes: Boxes | str | Path) -> Images:
    video = expand_home(video) if isinstance(video, (str, Path)) else video
    if not isinstance(video, str) or not Path(video).is_file():
        raise FileNotFoundError(f'Boxes belong to one video, and there is no file {video}.')
    by_frame = _read_boxes(expand_home(boxes)) if isinstance(boxes, (str, Path)) else dict(boxes)
    by_frame = {frame: by_frame[frame] for frame in sorted(by_frame) if len(by_frame[frame])}
    names = [_name(video, frame, number) for frame, rows in by_frame.items() for number in range(len(rows))]
    if not names:
        raise ValueError(f'There are no boxes for {video}.')
    for frame, rows in by_frame.items():
        for number, box in enumerate(rows):
            if frame < 0 or len(box) != 4 or not (box[0] < box[2] and box[1] < box[3]):
                raise ValueError(
                    f'{_name(video, frame, number)} is {tuple(box)}: a box is x1, y1, x2, y2 with x1 < x2 '
                    'and y1 < y2, and frames count from 0.'
                )
    try:
        import cv2  # only videos need it
    except ModuleNotFoundError as error:
        raise ValueError(f'{video}: videos need OpenCV, pip install opencv-python-headless') from error
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise ValueError(f'{video} cannot be read as a video.')
    return Images(names, _crops(capture, video, by_frame))


def _crops(capture, video: str | Path, by_frame: Boxes) -> Iterator[np.ndarray]:
    """Cut out the boxes, reading every frame from the first: seeking is not exact in every format."""
    try:
        at = -1
        for frame, boxes in by_frame.items():
            while at < frame and capture.grab():
                at += 1
            found, pixels = capture.retrieve() if at == frame else (False, None)
            if not found:
                raise ValueError(f'{video} ends after {at + 1} frames, and there are boxes for frame {frame}.')
            height, width = pixels.shape[:2]
            for number, box in enumerate(boxes):
                x1, y1, x2, y2 = (round(value) for value in np.clip(box, 0, (width, height, width, height)))
                if x1 >= x2 or y1 >= y2:
                    raise ValueError(
                        f'{_name(video, frame, number)} is {tuple(box)}, which lies outside of the frame '
                        f'of {width} x {height} pixels.'
                    )
                yield np.ascontiguousarray(pixels[y1:y2, x1:x2, ::-1])  # OpenCV's BGR to RGB
    finally:
        capture.release()


def _name(video: str | Path, frame: int, number: int) -> str:
    return f'{video}#frame={frame}#box={number}'


def _read_boxes(path: str | Path) -> dict[int, list[tuple[float, ...]]]:
    if not Path(path).is_file():
        raise FileNotFoundError(f'There is no file of boxes {path}.')
    by_frame: dict[int, list[tuple[float, ...]]] = {}
    for line, cells in read_csv(path, COLUMNS):
        try:
            frame = whole_number(cells['frame'], 0, INT32_MAX, 'frame')
            box = tuple(finite_number(cells[column], column) for column in COLUMNS[1:])
        except ValueError as error:
            raise ValueError(f'{path}, line {line}: {error}') from None
        by_frame.setdefault(frame, []).append(box)
    return by_frame
