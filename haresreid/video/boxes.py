"""Where the people of a video are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ['NO_TRACK', 'VideoBoxes']

NO_TRACK = -1


@dataclass
class VideoBoxes:
    """N boxes, sorted by frame. Those of one frame keep their order.

    Args:
        frames (np.ndarray): (N,) int64, counted from 0.
        corners (np.ndarray): (N, 4) float64 x1, y1, x2, y2 in pixels; they may reach out of the frame.
        scores (np.ndarray, optional): (N,) float64, the detector's confidence. Defaults to None, 1.
        tracks (np.ndarray, optional): (N,) int64, one number for the boxes of one person; -1 for none. Defaults to
            None, -1.

    Raises:
        ValueError: If a frame is negative, a track has two boxes in one frame, or a box is not finite or has no area.
    """

    frames: np.ndarray
    corners: np.ndarray
    scores: Any = None
    tracks: Any = None

    def __post_init__(self) -> None:
        self.frames = np.asarray(self.frames, dtype=np.int64)
        self.corners = np.asarray(self.corners, dtype=np.float64).reshape(len(self.frames), 4)
        self.scores = np.asarray(np.ones(len(self)) if self.scores is None else self.scores, dtype=np.float64)
        self.tracks = np.asarray(np.full(len(self), NO_TRACK) if self.tracks is None else self.tracks, dtype=np.int64)
        order = np.argsort(self.frames, kind='stable')
        for name, column in vars(self).items():
            setattr(self, name, column[order])
        x1, y1, x2, y2 = self.corners.T
        finite = np.isfinite(self.corners).all(axis=1)  # a detector's box may be infinite
        wrong = np.flatnonzero((self.frames < 0) | ~(finite & (x1 < x2) & (y1 < y2)))
        if len(wrong):
            raise ValueError(
                f'{self.describe(wrong[0])}: a box is x1, y1, x2, y2 with x1 < x2 and y1 < y2, and frames count from 0.'
            )
        tracked = np.flatnonzero(self.tracks != NO_TRACK)
        pairs, counts = np.unique(np.stack([self.tracks, self.frames])[:, tracked], axis=1, return_counts=True)
        if (counts > 1).any():
            track, frame = pairs[:, counts > 1][:, 0]
            raise ValueError(f'Track {track} has {counts.max()} boxes in frame {frame}: a person is in one place.')

    @classmethod
    def of(cls, boxes: Mapping[int, Sequence[Sequence[float]]]) -> 'VideoBoxes':
        """From ``{frame: [(x1, y1, x2, y2), ...]}``."""
        rows = [(frame, box) for frame, found in boxes.items() for box in found]
        for frame, box in rows:
            if len(box) != 4:
                raise ValueError(f'#frame={frame} has a box {tuple(box)}: a box is x1, y1, x2, y2.')
        return cls(np.array([frame for frame, _ in rows]), np.array([box for _, box in rows]))

    @classmethod
    def from_supervision(cls, detections: Mapping[int, Any]) -> 'VideoBoxes':
        """From ``{frame: supervision.Detections}``, which hold people only; their ``tracker_id`` is taken over."""
        frames = [np.full(len(found), frame) for frame, found in detections.items()]
        if not frames:
            return cls(np.empty(0), np.empty((0, 4)))

        def column(name: str, default: float) -> np.ndarray:
            given = [getattr(found, name) for found in detections.values()]
            return np.concatenate(
                [np.full(len(rows), default) if values is None else values for rows, values in zip(frames, given)]
            )

        corners = np.concatenate([found.xyxy for found in detections.values()])
        return cls(np.concatenate(frames), corners, column('confidence', 1), column('tracker_id', NO_TRACK))

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, rows: Any) -> 'VideoBoxes':
        return VideoBoxes(*(column[rows] for column in vars(self).values()))

    def by_frame(self) -> Iterator[tuple[int, np.ndarray]]:
        """Each frame that has boxes, ascending, and the rows of its boxes."""
        frames, starts = np.unique(self.frames, return_index=True)
        return zip(frames.tolist(), np.split(np.arange(len(self)), starts[1:]))

    @property
    def step(self) -> int:
        """The distance of the frames that were looked at; 1 for fewer than two."""
        return int(np.gcd.reduce(np.diff(np.unique(self.frames)))) or 1

    def name(self, row: int) -> str:
        """A box as messages and galleries call it: ``'#frame=12#box=0'``, its number among those of its frame."""
        number = row - np.searchsorted(self.frames, self.frames[row])
        return f'#frame={self.frames[row]}#box={number}'

    def describe(self, row: int) -> str:
        """For messages: ``'#frame=12#box=0 is (5, 10, 40.5, 90)'``."""
        return f'{self.name(row)} is ({", ".join(f"{value:g}" for value in self.corners[row])})'
