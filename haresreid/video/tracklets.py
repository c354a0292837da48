"""Tracklets: the crops of one person in one video, with the quality of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .boxes import NO_TRACK, VideoBoxes
from .cut import cut
from .frames import Video

__all__ = ['MAX_CROPS', 'Crop', 'Tracklet', 'tracklets']

MAX_CROPS = 16  # kept of a track: more of them, of one walk, tell nothing new
SHARPNESS_SIZE = (64, 128)  # (width, height) in pixels at which crops are compared


@dataclass
class Crop:
    """A person cut out of a frame.

    Attributes:
        frame (int): From 0.
        seconds (float): Since the first frame.
        pixels (np.ndarray): (h, w, 3) uint8 RGB.
        quality (float): See :func:`crop_quality`; times the detector's score, which is low where a box fits nobody.
    """

    frame: int
    seconds: float
    pixels: np.ndarray
    quality: float


@dataclass
class Tracklet:
    """The crops of a track. Of a long one, at most twice ``MAX_CROPS`` stay, spread evenly over its time.

    Attributes:
        track (int): Its number.
        crops (list[Crop]): By frame; each is the best of ``span`` in a row.
        length (int): How many were added.
        span (int): 1, 2, 4, ...
        first (float): Seconds of the first that was added.
        last (float): Of the last.
    """

    track: int
    crops: list[Crop] = field(default_factory=list)
    length: int = 0
    span: int = 1
    first: float = float('nan')
    last: float = float('nan')

    def add(self, crop: Crop) -> None:
        """Add a crop that is later than all others."""
        if self.length % self.span == 0:
            self.crops.append(crop)
        else:
            self.crops[-1] = _better(self.crops[-1], crop)
        self.first = self.first if self.length else crop.seconds
        self.last = crop.seconds
        self.length += 1
        if self.length == 2 * MAX_CROPS * self.span:
            self.crops = [_better(*pair) for pair in zip(self.crops[::2], self.crops[1::2])]
            self.span *= 2

    @property
    def best(self) -> Crop:
        """The crop of the highest quality."""
        return max(self.crops, key=lambda crop: crop.quality)

    def pool(self, features: np.ndarray) -> np.ndarray:
        """The mean of the crops' features, weighted by quality.

        Args:
            features (np.ndarray): (K, D), of the K crops.

        Returns:
            np.ndarray: (D,) float32, L2-normalised.
        """
        weights = np.array([crop.quality for crop in self.crops])
        mean = np.average(features, axis=0, weights=weights if weights.any() else None)  # (D,)
        return (mean / np.linalg.norm(mean)).astype(np.float32)


def _better(first: Crop, second: Crop) -> Crop:
    return max(first, second, key=lambda crop: crop.quality)


def tracklets(video: Video, boxes: VideoBoxes) -> Iterator[Tracklet]:
    """Cut the tracks out of a video. Each is yielded as soon as its last frame is read.

    Args:
        video (Video): The video.
        boxes (VideoBoxes): Those without a track only hide others.

    Raises:
        ValueError: If the video ends before the boxes do, or a box lies outside of its frame.
    """
    last = dict(zip(boxes.tracks.tolist(), boxes.frames.tolist()))  # frame of each track
    rows_of = {frame: rows for frame, rows in boxes.by_frame() if (boxes.tracks[rows] != NO_TRACK).any()}
    current: dict[int, Tracklet] = {}
    for frame in video.frames(rows_of):
        rows = rows_of[frame.number]
        for row in rows[boxes.tracks[rows] != NO_TRACK]:
            pixels = cut(video, frame, boxes, row)
            quality = crop_quality(pixels, boxes.corners[row], boxes.corners[rows[rows != row]])
            quality *= max(0.0, float(boxes.scores[row]))
            track = int(boxes.tracks[row])
            current.setdefault(track, Tracklet(track)).add(Crop(frame.number, frame.seconds, pixels, quality))
        for track in [track for track in current if last[track] == frame.number]:
            yield current.pop(track)


def crop_quality(pixels: np.ndarray, box: np.ndarray, others: np.ndarray) -> float:
    """How well a crop shows its person, for comparison with other crops of the same track.

    The product of its sharpness (the standard deviation of its Laplacian at one size), its height, and the share of its
    box that is in the frame and free of others' boxes. Of two boxes that overlap, the one that reaches lower is nearer
    to the camera and hides the other.

    Args:
        pixels (np.ndarray): (h, w, 3) uint8 RGB, the part of the box in the frame.
        box (np.ndarray): (4,) x1, y1, x2, y2.
        others (np.ndarray): (M, 4) the other boxes of the frame.
    """
    import cv2

    grey = cv2.cvtColor(cv2.resize(pixels, SHARPNESS_SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).std())
    area = float((box[2] - box[0]) * (box[3] - box[1]))
    inside = min(1.0, pixels.shape[0] * pixels.shape[1] / area)
    nearer = others[others[:, 3] > box[3]]
    corner = np.minimum(box[2:], nearer[:, 2:]) - np.maximum(box[:2], nearer[:, :2])  # (m, 2)
    hidden = np.clip(corner, 0, None).prod(axis=1).max(initial=0) / area
    return sharpness * pixels.shape[0] * inside * (1 - hidden)
