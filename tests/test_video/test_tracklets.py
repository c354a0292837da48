import cv2
import numpy as np
import pytest

from haresreid.video import Crop, Tracklet, Video, VideoBoxes, tracklets
from haresreid.video.tracklets import MAX_CROPS, crop_quality


def boxes_of(rows) -> VideoBoxes:
    table = np.array(rows)
    return VideoBoxes(table[:, 0], table[:, 2:], None, table[:, 1])


def test_each_track_is_given_with_its_crops_when_it_ends(walk, walk_rows):
    rows = [row for row in walk_rows if row[1] == 0 or 4 <= row[0] < 10]
    found = list(tracklets(Video(walk), boxes_of(rows)))
    assert [(tracklet.track, len(tracklet.crops)) for tracklet in found] == [(1, 6), (0, 20)]
    assert [crop.frame for crop in found[0].crops] == [4, 5, 6, 7, 8, 9]
    np.testing.assert_allclose(found[0].crops[0].seconds, 0.4, atol=1e-6)
    for tracklet, strong in zip(found, (2, 0)):  # blue, red
        for crop in tracklet.crops:
            assert crop.pixels.shape == (50, 20, 3)
            assert crop.pixels[40, 10].argmax() == strong and crop.pixels[5, 10].min() > 200


def test_boxes_without_a_track_are_no_tracklet_but_hide(walk, walk_rows):
    rows = [row for row in walk_rows if row[1] == 0]
    free = next(tracklets(Video(walk), boxes_of(rows))).crops
    x1, y1, x2, y2 = rows[7][2:]
    hidden = [*rows, (7, -1, x1, y1 + 25, x2, y2 + 25)]  # in front, over the lower half
    (tracklet,) = tracklets(Video(walk), boxes_of(hidden))
    for before, after in zip(free, tracklet.crops):
        assert after.quality == pytest.approx(before.quality * (0.5 if after.frame == 7 else 1))


def test_crops_of_boxes_that_a_detector_doubts_count_less(walk, walk_rows):
    boxes = boxes_of([row for row in walk_rows if row[1] == 0])
    before = next(tracklets(Video(walk), boxes)).crops
    boxes.scores = np.linspace(-0.1, 1.8, 20)
    for frame, crop in enumerate(next(tracklets(Video(walk), boxes)).crops):
        assert crop.quality == pytest.approx(before[frame].quality * max(0, boxes.scores[frame]))


def quality(pixels, box, others=()):
    return crop_quality(pixels, np.array(box, float), np.array(others, float).reshape(-1, 4))


def test_quality_falls_with_blur_distance_and_what_hides():
    pixels = np.random.default_rng(0).integers(0, 255, (100, 50, 3), dtype=np.uint8)
    full = quality(pixels, (0, 0, 50, 100))
    assert quality(cv2.GaussianBlur(pixels, (0, 0), 2), (0, 0, 50, 100)) < 0.5 * full
    assert quality(pixels[:50], (0, 0, 50, 100)) < 0.6 * full  # half of it is out of the frame
    assert quality(np.full_like(pixels, 9), (0, 0, 50, 100)) == 0
    in_front, behind, apart = (25, 50, 90, 150), (25, -50, 90, 90), (60, 0, 90, 150)
    assert quality(pixels, (0, 0, 50, 100), [in_front]) == pytest.approx(full * 0.75)
    assert quality(pixels, (0, 0, 50, 100), [behind, apart]) == pytest.approx(full)


def test_a_long_track_keeps_few_crops_and_the_best_of_all():
    values = np.random.default_rng(1).random(1000)
    tracklet = Tracklet(3)
    for frame, value in enumerate(values):
        tracklet.add(Crop(frame, frame / 10, np.zeros((2, 1, 3), np.uint8), value))
    frames = np.array([crop.frame for crop in tracklet.crops])
    assert MAX_CROPS <= len(frames) <= 2 * MAX_CROPS and (np.diff(frames) > 0).all()
    assert tracklet.best.frame == values.argmax()
    assert frames[0] < 32 and frames[-1] > 960 and np.diff(frames).max() <= 2 * tracklet.span - 1 == 63


def test_features_are_averaged_by_quality():
    crops = [Crop(frame, 0, np.zeros((2, 1, 3), np.uint8), value) for frame, value in enumerate((1, 3, 0))]
    features = np.eye(3, dtype=np.float32)
    np.testing.assert_allclose(Tracklet(0, crops).pool(features), np.array([1, 3, 0]) / 10**0.5, rtol=1e-6)
    for crop in crops:
        crop.quality = 0
    np.testing.assert_allclose(Tracklet(0, crops).pool(features), np.full(3, 3**-0.5), rtol=1e-6)
