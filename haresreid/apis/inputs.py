"""The inferencer's inputs as one sequence of images: paths, folders, arrays, boxes of people in a video."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.files.images import IMAGE_EXTENSIONS, read_rgb
from haresreid.files.paths import expand_home
from haresreid.video import Video, VideoBoxes
from haresreid.video.box_files import read_boxes
from haresreid.video.cut import cut
from haresreid.video.frames import VIDEO_EXTENSIONS

__all__ = ['Boxes', 'Images', 'open_images']

Boxes = Mapping[int, Sequence[Sequence[float]]] | VideoBoxes | str | Path


@dataclass(frozen=True)
class Images:
    """Images by name, decoded only when they are needed.

    Attributes:
        names (list[str]): A path, ``'day.mp4#frame=12#box=0'``, or '' for an array.
        pixels (Iterator[np.ndarray | ValueError]): Each image, (H, W, 3) uint8 RGB, or why it cannot be read.
    """

    names: list[str]
    pixels: Iterator[np.ndarray | ValueError]


def open_images(inputs: Any, boxes: Boxes | None = None, thermal_range: tuple[float, float] | None = None) -> Images:
    """Find all images, so that missing ones are reported before any work is done.

    Args:
        inputs: A path; a folder, whose images and those of its subfolders are taken, sorted by path; an array
            (H, W, 3) uint8 RGB; a list of these; or, with ``boxes``, the path of a video.
        boxes (Mapping | VideoBoxes | str | Path, optional): The people of a video, ``{frame: [(x1, y1, x2, y2),
            ...]}``, frames counted from 0, corners in pixels; or a file of
            :func:`haresreid.video.box_files.read_boxes`. Defaults to None.
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
            if file.name.lower().endswith(IMAGE_EXTENSIONS) and not file.name.startswith('.') and not file.is_dir()
        )
        if not files:
            videos = any(file.name.lower().endswith(VIDEO_EXTENSIONS) for file in path.rglob('*'))
            hint = ' Of its videos, give each by its own name.' if videos else ''
            raise FileNotFoundError(f'There is no image in {path}: {", ".join(IMAGE_EXTENSIONS)} are read.{hint}')
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


def _open_video(path: Any, given: Boxes) -> Images:
    path = str(expand_home(path)) if isinstance(path, (str, Path)) else path
    if not isinstance(path, str) or not Path(path).is_file():
        raise FileNotFoundError(f'Boxes belong to one video, and there is no file {path}.')
    boxes = _as_boxes(given, path)
    if not len(boxes):
        raise ValueError(f'There are no boxes for {path}.')
    return Images([path + boxes.name(row) for row in range(len(boxes))], _crops(Video(path), boxes))


def _as_boxes(boxes: Boxes, video: str) -> VideoBoxes:
    if isinstance(boxes, VideoBoxes):
        return boxes
    if isinstance(boxes, (str, Path)):
        return read_boxes(expand_home(boxes))
    try:
        return VideoBoxes.of(boxes)
    except ValueError as error:
        raise ValueError(f'{video}{error}') from None


def _crops(video: Video, boxes: VideoBoxes) -> Iterator[np.ndarray]:
    rows_of = dict(boxes.by_frame())
    for frame in video.frames(rows_of):
        for row in rows_of[frame.number]:
            yield cut(video, frame, boxes, row)
