"""Boxes in the format of the MOT challenge: detections, results, ground truth (motchallenge.net/instructions)."""

from pathlib import Path

import numpy as np

from haresreid.files.numbers import INT32_MAX, finite_number, whole_number
from haresreid.files.text_files import read_text
from haresreid.video.boxes import NO_TRACK, VideoBoxes

__all__ = ['read_mot']

TRUTH_COLUMNS = 9
PEDESTRIAN = 1


def read_mot(path: str | Path) -> VideoBoxes:
    """Read lines of frame, track, left, top, width, height and, if there are any, score and further columns.

    Frames count from 1 in the file, and from 0 in the result. A track of -1 is none. Lines of ground truth, which have
    nine columns, are left out if the seventh says that they do not count, or if the eighth is no pedestrian.

    Raises:
        ValueError: If an entry cannot be read; the message names its line.
    """
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(',')]
        try:
            if len(cells) < 6:
                raise ValueError(f'it has {len(cells)} columns; MOT has frame,track,left,top,width,height,...')
            frame = whole_number(cells[0], 1, INT32_MAX, 'frame')
            track = whole_number(cells[1], NO_TRACK, INT32_MAX, 'track')
            left, top, width, height = (
                finite_number(cell, name) for cell, name in zip(cells[2:], ('left', 'top', 'width', 'height'))
            )
            score = finite_number(cells[6], 'score') if len(cells) > 6 else 1.0
            ignored = len(cells) == TRUTH_COLUMNS and (score == 0 or finite_number(cells[7], 'class') != PEDESTRIAN)
        except ValueError as error:
            raise ValueError(f'{path}, line {number}: {error}') from None
        if not ignored:
            rows.append((frame - 1, left, top, left + width, top + height, score, track))
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    return VideoBoxes(table[:, 0], table[:, 1:5], table[:, 5], table[:, 6])
