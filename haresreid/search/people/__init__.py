"""Which tracks of a gallery show the same person, over all cameras and both spectra."""

from .assign import Assignment, assign_people
from .events import event_lines
from .quality import AssignmentQuality, judge_assignment, path_people
from .scores import PairScores
from .tracks import Tracks, gallery_tracks
from .travel import read_travel_times

__all__ = [
    'Assignment',
    'AssignmentQuality',
    'PairScores',
    'Tracks',
    'assign_people',
    'event_lines',
    'gallery_tracks',
    'judge_assignment',
    'path_people',
    'read_travel_times',
]
