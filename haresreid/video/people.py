"""The people of a video, with tracks: from a file of boxes, or from a detector and a tracker."""

from pathlib import Path

from haresreid.files.extras import require_extra

from .box_files import read_boxes
from .boxes import NO_TRACK, VideoBoxes
from .detect import detect
from .detectors import open_detector
from .frames import Video
from .tracking import track_boxes

__all__ = ['find_people']


def find_people(
    video: Video,
    folder: str | Path,
    boxes: str | Path | None = None,
    detector: str = 'hog',
    weights: str | Path | None = None,
    device: str | None = None,
    rate: int = 5,
    tracker: str = 'bytetrack',
) -> VideoBoxes:
    """Read or find boxes, and join them to tracks unless the file has tracks.

    Args:
        video (Video): The video.
        folder (str | Path): What a detector found is kept there, see :func:`haresreid.video.detect.detect`.
        boxes (str | Path, optional): A file for :func:`haresreid.video.box_files.read_boxes`, which stands in for the
            detector. Defaults to None.
        detector (str): See :func:`haresreid.video.detectors.open_detector`. Defaults to 'hog'.
        weights (str | Path, optional): The same.
        device (str, optional): The same.
        rate (int): Frames per second that the detector sees. Defaults to 5.
        tracker (str): See :func:`haresreid.video.tracking.track_boxes`. Defaults to 'bytetrack'.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If there is nobody, or something cannot be read or is not installed.
    """
    if boxes is not None:
        found = read_boxes(boxes)
    else:
        require_extra('trackers', 'video')  # before a night of work
        found = detect(video, open_detector(detector, weights, device), folder, max(1, round(video.rate / rate)))
    if not len(found):
        raise ValueError(f'{boxes or video.path}: there is not one box of a person')
    return found if (found.tracks != NO_TRACK).any() else track_boxes(found, video.rate, tracker)
