import numpy as np
import pytest

from haresreid.video import Video


def test_frames_by_number(walk):
    video = Video(walk)
    assert (video.rate, video.count) == (10, 20)
    frames = list(video.frames([0, 3, 19]))
    assert [frame.number for frame in frames] == [0, 3, 19]
    np.testing.assert_allclose([frame.seconds for frame in frames], [0, 0.3, 1.9], atol=1e-6)
    np.testing.assert_allclose([frame.pixels[:3, :3].mean() for frame in frames], [0, 30, 190], atol=6)
    red = frames[0].pixels[30, 20]
    assert frames[0].pixels.shape == (120, 160, 3) and red[0] > 150 > red[2]
    assert [frame.number for frame in video.every(6, first=2)] == [2, 8, 14]


def test_a_video_that_ends_before_its_boxes(walk):
    with pytest.raises(ValueError, match=r'walk.avi ends after 20 frames, and there are boxes for frame 25'):
        list(Video(walk).frames([18, 25]))


def test_what_is_no_video(tmp_path):
    with pytest.raises(FileNotFoundError, match='There is no video .*no.mp4'):
        Video(tmp_path / 'no.mp4')
    (tmp_path / 'text.mp4').write_text('text')
    with pytest.raises(ValueError, match=r'text.mp4 cannot be read as a video'):
        Video(tmp_path / 'text.mp4')
