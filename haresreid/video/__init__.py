"""People in videos: frames, boxes of files and of detectors, tracks, tracklets. Only torchvision's need torch."""

from .boxes import VideoBoxes
from .frames import Frame, Video
from .tracklets import Crop, Tracklet, tracklets

__all__ = ['Crop', 'Frame', 'Tracklet', 'Video', 'VideoBoxes', 'tracklets']
