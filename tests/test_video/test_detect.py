import json

import numpy as np
import pytest

from haresreid.video import Video, VideoBoxes
from haresreid.video import detect as detect_module
from haresreid.video.detect import detect
from haresreid.video.people import find_people


class RedAndBlue:
    """Finds the two people of the walk by their colour, and stops where it is told."""

    name = 'colour'

    def __init__(self, stop=None):
        self.seen, self.stop = 0, stop

    def __call__(self, pixels):
        if self.seen == self.stop:
            raise KeyboardInterrupt
        self.seen += 1
        boxes = []
        for channel in (0, 2):
            ys, xs = np.nonzero((pixels[..., channel] > 150) & (pixels[..., 2 - channel] < 80))
            boxes.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
        return np.array(boxes, dtype=float), np.array([0.9, 0.8])


def test_every_other_frame(walk, walk_rows, tmp_path):
    boxes = detect(Video(walk), RedAndBlue(), tmp_path / 'new' / 'folder', step=2, progress=False)
    assert boxes.frames.tolist() == sorted([*range(0, 20, 2)] * 2) and boxes.scores[:2].tolist() == [0.9, 0.8]
    wanted = [row[2:] for row in walk_rows if row[0] % 2 == 0]
    np.testing.assert_allclose(boxes.corners, wanted, atol=3)  # JPEG in the video


@pytest.mark.parametrize('saved_every, repeated', [(0, 0), (1000, 7)])
def test_a_killed_run_goes_on_where_it_last_saved(walk, tmp_path, monkeypatch, saved_every, repeated):
    monkeypatch.setattr(detect_module, 'SAVED_EVERY', saved_every)
    whole = detect(Video(walk), RedAndBlue(), tmp_path / 'whole', progress=False)
    with pytest.raises(KeyboardInterrupt):
        detect(Video(walk), RedAndBlue(stop=7), tmp_path / 'cut', progress=False)
    with open(tmp_path / 'cut/boxes.csv', 'a') as file:
        file.write('7,1.0,')  # half a line, as a kill may leave it
    second = RedAndBlue()
    boxes = detect(Video(walk), second, tmp_path / 'cut', progress=False)
    assert second.seen == 13 + repeated
    assert boxes.frames.tolist() == whole.frames.tolist() and boxes.corners.tolist() == whole.corners.tolist()
    third = RedAndBlue(stop=0)
    assert detect(Video(walk), third, tmp_path / 'cut', progress=False).corners.tolist() == whole.corners.tolist()


@pytest.mark.parametrize('change', [dict(step=3), dict(name='other'), dict(bytes=5)])
def test_boxes_of_something_else_are_not_taken(walk, tmp_path, change):
    detect(Video(walk), RedAndBlue(), tmp_path, progress=False)
    state = json.loads((tmp_path / 'boxes.json').read_text())
    (tmp_path / 'boxes.json').write_text(json.dumps({**state, **{'bytes': change.get('bytes', state['bytes'])}}))
    detector = RedAndBlue()
    detector.name = change.get('name', detector.name)
    with pytest.raises(ValueError, match='holds boxes of .* and not of .*: remove that folder, or give another'):
        detect(Video(walk), detector, tmp_path, change.get('step', 1), progress=False)


def test_the_people_of_a_video(walk, tmp_path, monkeypatch):
    pytest.importorskip('trackers')
    monkeypatch.setattr('haresreid.video.people.open_detector', lambda *given: RedAndBlue())
    boxes = find_people(Video(walk), tmp_path / 'a', rate=10)
    assert len(boxes) == 40 and set(boxes.tracks[8:].tolist()) == set(boxes.tracks[-2:].tolist())
    assert len(find_people(Video(walk), tmp_path / 'b', rate=5)) == 20
    text = 'frame,x1,y1,x2,y2,track\n0,1,1,5,5,4\n1,1,1,5,5,\n'
    (tmp_path / 'boxes.csv').write_text(text)
    assert find_people(Video(walk), tmp_path, tmp_path / 'boxes.csv').tracks.tolist() == [4, -1]  # as they are
    (tmp_path / 'none.csv').write_text('frame,x1,y1,x2,y2\n')
    with pytest.raises(ValueError, match=r'none.csv: there is not one box of a person'):
        find_people(Video(walk), tmp_path, tmp_path / 'none.csv')
    assert isinstance(boxes, VideoBoxes)
