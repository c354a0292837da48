"""Boxes as a CSV file whose first line names the columns."""

from pathlib import Path

import numpy as np

from haresreid.files.csv_files import csv_text, read_csv
from haresreid.files.numbers import INT32_MAX, finite_number, is_unknown, whole_number
from haresreid.video.boxes import NO_TRACK, VideoBoxes

__all__ = ['box_csv_text', 'read_box_csv']

CORNERS = ('x1', 'y1', 'x2', 'y2')


def read_box_csv(path: str | Path) -> VideoBoxes:
    """Read the columns frame,x1,y1,x2,y2 and, if there are any, score and track. Frames count from 0.

    An empty cell means no track, or a score of 1.

    Raises:
        ValueError: If an entry cannot be read; the message names its line.
    """
    rows = []
    for line, cells in read_csv(path, ('frame', *CORNERS), ('score', 'track')):
        score, track = cells.get('score', ''), cells.get('track', '')
        try:
            frame = whole_number(cells['frame'], 0, INT32_MAX, 'frame')
            corners = [finite_number(cells[column], column) for column in CORNERS]
            rows.append(
                (
                    frame,
                    *corners,
                    1.0 if is_unknown(score) else finite_number(score, 'score'),
                    NO_TRACK if is_unknown(track) else whole_number(track, NO_TRACK, INT32_MAX, 'track'),
                )
            )
        except ValueError as error:
            raise ValueError(f'{path}, line {line}: {error}') from None
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    return VideoBoxes(table[:, 0], table[:, 1:5], table[:, 5], table[:, 6])


def box_csv_text(boxes: VideoBoxes) -> str:
    """The text of a file that :func:`read_box_csv` reads."""
    rows = zip(boxes.frames, boxes.corners, boxes.scores, boxes.tracks)
    lines = [
        (frame, *corners.round(1).tolist(), round(float(score), 4), track) for frame, corners, score, track in rows
    ]
    return csv_text([('frame', *CORNERS, 'score', 'track'), *lines])
