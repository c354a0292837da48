from types import SimpleNamespace

import numpy as np
import pytest

from haresreid.video import VideoBoxes


def test_boxes_are_sorted_by_frame_and_keep_their_order_in_it():
    boxes = VideoBoxes.of({7: [(0, 0, 3, 9), (1, 1, 2, 2)], 3: [(5, 5, 6, 6)]})
    assert boxes.frames.tolist() == [3, 7, 7] and boxes.corners[1].tolist() == [0, 0, 3, 9]
    assert boxes.scores.tolist() == [1, 1, 1] and boxes.tracks.tolist() == [-1, -1, -1]
    assert [boxes.name(row) for row in range(3)] == ['#frame=3#box=0', '#frame=7#box=0', '#frame=7#box=1']
    assert [(frame, rows.tolist()) for frame, rows in boxes.by_frame()] == [(3, [0]), (7, [1, 2])]
    assert boxes[[1]].frames.tolist() == [7] and len(VideoBoxes.of({})) == 0 == len(list(VideoBoxes.of({}).by_frame()))


@pytest.mark.parametrize('frames, step', [([4], 1), ([], 1), ([2, 6, 14], 4), ([0, 3, 5], 1), ([5, 5, 15], 10)])
def test_the_step_of_the_frames(frames, step):
    assert VideoBoxes(np.array(frames), np.tile([0, 0, 1, 1], (len(frames), 1))).step == step


@pytest.mark.parametrize(
    'frames, corners, tracks, message',
    [
        ([1, 2], [(0, 0, 1, 1), (5, 5, 5, 9)], None, r'#frame=2#box=0 is \(5, 5, 5, 9\): a box is x1, y1, x2, y2'),
        ([-1], [(0, 0, 1, 1)], None, 'frames count from 0'),
        ([1], [(0, 0, np.nan, 1)], None, r'is \(0, 0, nan, 1\)'),
        ([1], [(0, 0, np.inf, 1)], None, r'is \(0, 0, inf, 1\)'),
        ([1, 1], [(0, 0, 1, 1), (0, 0, 2, 2)], [4, 4], 'Track 4 has 2 boxes in frame 1: a person is in one place'),
    ],
)
def test_boxes_that_cannot_be(frames, corners, tracks, message):
    with pytest.raises(ValueError, match=message):
        VideoBoxes(np.array(frames), np.array(corners), None, tracks)


def test_a_box_of_three_numbers():
    with pytest.raises(ValueError, match=r'#frame=2 has a box \(1, 2, 3\)'):
        VideoBoxes.of({2: [(1, 2, 3)]})


def test_detections_of_supervision():
    class Detections(SimpleNamespace):
        """As its class has them: (n, 4) corners; scores and tracks may be None."""

        def __len__(self):
            return len(self.xyxy)

    found = {
        4: Detections(xyxy=np.array([[0, 0, 2, 5], [3, 0, 4, 5.5]]), confidence=np.array([0.5, 1]), tracker_id=None),
        2: Detections(xyxy=np.array([[1, 0, 2, 5]]), confidence=None, tracker_id=np.array([8])),
    }
    boxes = VideoBoxes.from_supervision(found)
    assert boxes.frames.tolist() == [2, 4, 4] and boxes.corners[2].tolist() == [3, 0, 4, 5.5]
    assert boxes.scores.tolist() == [1, 0.5, 1] and boxes.tracks.tolist() == [8, -1, -1]
    assert len(VideoBoxes.from_supervision({})) == 0


def test_detections_of_supervision_itself():
    supervision = pytest.importorskip('supervision')
    boxes = VideoBoxes.from_supervision(
        {3: supervision.Detections(np.array([[0.0, 0, 2, 5]])), 5: supervision.Detections.empty()}
    )
    assert boxes.frames.tolist() == [3] and boxes.scores.tolist() == [1] and boxes.tracks.tolist() == [-1]
