"""From boxes to tracks, by the package ``trackers`` (Apache-2.0, https://github.com/roboflow/trackers)."""

from typing import Any

import numpy as np

from haresreid.choices import TRACKERS
from haresreid.files.extras import require_extra

from .boxes import NO_TRACK, VideoBoxes

__all__ = ['MIN_BOXES', 'track_boxes']

MIN_BOXES = 3  # shorter tracks are mostly mistakes of the detector


def track_boxes(boxes: VideoBoxes, rate: float, tracker: str = 'bytetrack') -> VideoBoxes:
    """Give the boxes of one person one number, by position and motion alone.

    Args:
        boxes (VideoBoxes): N boxes. Scores that are no probabilities count as 1.
        rate (float): Frames per second of the video.
        tracker (str): 'bytetrack' (Zhang et al., ECCV 2022), 'ocsort' (Cao et al., CVPR 2023) or 'sort' (Bewley et
            al., ICIP 2016), with the package's own settings. Defaults to 'bytetrack'.

    Returns:
        VideoBoxes: The same N, some without a track: a tracker begins one with its second or third box, and tracks of
        fewer than ``MIN_BOXES`` are none.

    Raises:
        ValueError: If the package is not installed.
    """
    require_extra('trackers', 'video')
    import supervision
    import trackers

    types: dict[str, Any] = dict(
        zip(TRACKERS, (trackers.ByteTrackTracker, trackers.OCSORTTracker, trackers.SORTTracker), strict=True)
    )
    step = boxes.step
    follow = types[tracker](frame_rate=rate / step)
    probable = ((boxes.scores >= 0) & (boxes.scores <= 1)).all()
    tracks = np.full(len(boxes), NO_TRACK)
    rows_of = dict(boxes.by_frame())
    for frame in range(min(rows_of, default=0), max(rows_of, default=-1) + 1, step):
        rows = rows_of.get(frame, np.empty(0, dtype=np.int64))
        found = supervision.Detections(
            boxes.corners[rows].astype(np.float32),
            confidence=boxes.scores[rows].astype(np.float32) if probable else np.ones(len(rows), np.float32),
            class_id=np.zeros(len(rows), dtype=int),
            data=dict(row=rows),
        )
        found = follow.update(found)
        if len(found):
            tracks[found.data['row']] = found.tracker_id
    numbers, counts = np.unique(tracks, return_counts=True)
    tracks[np.isin(tracks, numbers[counts < MIN_BOXES])] = NO_TRACK
    return VideoBoxes(boxes.frames, boxes.corners, boxes.scores, tracks)
