"""A detector on a whole video, whose boxes are kept in a file while it runs, so that a killed run goes on."""

import csv
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from haresreid.files.files import make_folder, write_json

from .box_files import read_boxes
from .boxes import VideoBoxes
from .detectors import Detector
from .frames import Frame, Video

__all__ = ['detect']

SAVED_EVERY = 10.0  # seconds of work that a kill may cost
HEADER = ('frame', 'x1', 'y1', 'x2', 'y2', 'score')


def detect(video: Video, detector: Detector, folder: str | Path, step: int = 1, progress: bool = True) -> VideoBoxes:
    """Find people in every ``step``-th frame.

    ``boxes.csv`` in the folder gets the boxes, and ``boxes.json`` how far they go. What a killed run left there is
    continued; what is complete is only read.

    Args:
        video (Video): The video.
        detector (Detector): From :func:`haresreid.video.detectors.open_detector`.
        folder (str | Path): Where both files are written.
        step (int): Defaults to 1.
        progress (bool): Show a progress bar if tqdm is installed. Defaults to True.

    Raises:
        ValueError: If the folder holds boxes of another video, detector or step.
    """
    folder = Path(folder)
    make_folder(folder)
    boxes, state_file = folder / 'boxes.csv', folder / 'boxes.json'
    asked = dict(video=Path(video.path).name, bytes=os.path.getsize(video.path), detector=detector.name, step=step)
    state = _state(state_file, asked)
    if state is None:
        with open(boxes, 'w', encoding='utf-8', newline='') as file:
            csv.writer(file, lineterminator='\n').writerow(HEADER)
            state = dict(asked, next_frame=0, written=_synced(file), done=False)
        write_json(state_file, state)
    if not state['done']:
        with open(boxes, 'r+', encoding='utf-8', newline='') as file:
            file.truncate(state['written'])  # what came after the last save
            file.seek(state['written'])
            rows = csv.writer(file, lineterminator='\n')
            saved = time.monotonic()
            for frame in _counted(video, state['next_frame'], step, progress):
                corners, scores = detector(frame.pixels)
                rows.writerows(
                    (frame.number, *(f'{value:.1f}' for value in box), f'{score:.4f}')
                    for box, score in zip(corners, scores)
                )
                state['next_frame'] = frame.number + step
                if time.monotonic() - saved > SAVED_EVERY:
                    write_json(state_file, dict(state, written=_synced(file)))
                    saved = time.monotonic()
            write_json(state_file, dict(state, written=_synced(file), done=True))
    return read_boxes(boxes)


def _state(file: Path, asked: dict) -> dict[str, Any] | None:
    """How far an earlier run came; None if there was none."""
    if not file.is_file():
        return None
    state = json.loads(file.read_text(encoding='utf-8'))
    other = {key: state.get(key) for key in asked if state.get(key) != asked[key]}
    if other:
        raise ValueError(
            f'{file.parent} holds boxes of {other} and not of { {key: asked[key] for key in other} }: remove that '
            'folder, or give another one'
        )
    return state


def _synced(file: IO[str]) -> int:
    file.flush()
    os.fsync(file.fileno())
    return file.tell()


def _counted(video: Video, first: int, step: int, progress: bool) -> Iterator[Frame]:
    frames = video.every(step, first)
    try:
        from tqdm import tqdm
    except ImportError:
        return frames
    total = -(-video.count // step) if video.count else None
    return iter(
        tqdm(
            frames, desc='people', unit='frame', initial=first // step, total=total, disable=None if progress else True
        )
    )
