import sys

import numpy as np
import pytest

from haresreid.choices import TRACKERS
from haresreid.video import VideoBoxes
from haresreid.video.tracking import track_boxes


@pytest.mark.parametrize('tracker', TRACKERS)
@pytest.mark.parametrize('step', [1, 3])
def test_a_person_is_a_track(walk_rows, tracker, step):
    pytest.importorskip('trackers')
    table = np.array([row for row in walk_rows if row[0] != 9])  # a frame without a box
    person = table[:, 1]
    boxes = VideoBoxes(step * table[:, 0], table[:, 2:], np.full(len(table), 4.0))  # margins, no probabilities
    tracks = track_boxes(boxes, 10.0 * step, tracker).tracks
    followed = [set(tracks[person == number].tolist()) - {-1} for number in range(2)]
    assert [len(found) for found in followed] == [1, 1] and followed[0] != followed[1]
    assert (tracks == -1).sum() <= 6


def test_boxes_of_low_scores_begin_no_track(walk_rows):
    pytest.importorskip('trackers')
    table = np.array(walk_rows)
    boxes = VideoBoxes(table[:, 0], table[:, 2:], np.where(table[:, 1] == 0, 0.9, 0.2))
    tracks = track_boxes(boxes, 10.0).tracks
    assert (tracks[table[:, 1] == 1] == -1).all() and (tracks[table[:, 1] == 0] != -1).sum() > 15
    assert len(track_boxes(VideoBoxes.of({}), 10.0)) == 0


def test_a_track_of_two_boxes_is_none():
    pytest.importorskip('trackers')
    for frames, tracked in ((4, 3), (3, 0)):  # the first box of a track has no number
        boxes = VideoBoxes.of({frame: [(10, 10, 30, 60)] for frame in range(frames)})
        assert (track_boxes(boxes, 10.0).tracks != -1).sum() == tracked


def test_without_the_package(monkeypatch, walk_rows):
    monkeypatch.setitem(sys.modules, 'trackers', None)
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(ValueError, match=r"needs the package 'trackers', .* pip install -e \"\.\[video\]\""):
        track_boxes(VideoBoxes.of({0: [(0, 0, 1, 1)]}), 10.0)
