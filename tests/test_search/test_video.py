"""People of a drawn video in an index; a stand-in for a model computes the mean colour of a crop."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import haresreid.apis
from haresreid.apis import Features
from haresreid.search import GalleryIndex
from haresreid.search import video as video_module
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.search.video import add_video, crops_folder
from haresreid.video import Video, VideoBoxes

MODEL = 'haresformer_synth'
FRAMES = 12


class MeanColour:
    """Stands in for :class:`VIReIDInferencer`."""

    crops = 0

    def __init__(self, model, weights=None, device=None):
        pass

    def __call__(self, inputs, modality=None, progress=True):
        MeanColour.crops += len(inputs)
        features = np.stack([pixels.mean(axis=(0, 1)) for pixels in inputs])
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        return Features(features, [''] * len(inputs), np.array(modality))


@pytest.fixture
def walk(tmp_path, monkeypatch):
    """A red and a grey person who walk side by side; the grey one is blurred in the first half."""
    monkeypatch.setattr(haresreid.apis, 'VIReIDInferencer', MeanColour, raising=False)
    monkeypatch.setattr(MeanColour, 'crops', 0)
    path = tmp_path / 'walk.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (96, 64))
    for frame in range(FRAMES):
        pixels = np.full((64, 96, 3), 120, np.uint8)
        pixels[4:60, 4:30] = (20, 20, 200)
        pixels[4:60, 60:86] = 200
        pixels[20:30, 10:20] = pixels[20:30, 64:74] = 20 if frame >= FRAMES // 2 else 100
        writer.write(pixels)
    writer.release()
    return Video(path)


@pytest.fixture
def boxes():
    rows = [(frame, *corners) for frame in range(FRAMES) for corners in ((4, 4, 30, 60), (60, 4, 86, 60))]
    return VideoBoxes(np.array(rows)[:, 0], np.array(rows)[:, 1:], None, [5, 9] * FRAMES)


def test_a_track_is_one_hit(walk, boxes, tmp_path):
    folder, crops = str(tmp_path / 'gallery'), tmp_path / 'crops'
    with pytest.warns(UserWarning, match='Guessed by colour: 1 visible and 1 infrared tracks'):
        index, added, known = add_video(None, folder, walk, boxes, crops, 3, 1000.0, model=MODEL)
    assert (len(index), added, known) == (2, 2, 0)
    hits = index.query(np.array([[200.0, 20, 20]]), top=2)
    assert hits.paths[0] == [str(crops / name / 'best.jpg') for name in ('000005', '000009')]
    assert hits.scores[0, 0] > 0.99 and hits.cameras[0].tolist() == [3, 3] and hits.modalities[0].tolist() == [0, 1]
    # the mark is plain to see in the second half only
    assert hits.tracks[0].tolist() == [5, 9]
    assert (hits.times[0] >= 1000 + 0.1 * FRAMES / 2 - 1e-6).all() and (hits.times[0] < 1000 + 0.1 * FRAMES).all()
    assert index.columns == TRACK_COLUMNS and hits.columns['person'].tolist() == [[-1, -1]]
    np.testing.assert_allclose(hits.columns['first_seen'], 1000)
    np.testing.assert_allclose(hits.columns['last_seen'], 1000 + 0.1 * (FRAMES - 1))
    names = sorted(path.name for path in (crops / '000005').iterdir())
    assert names == [*(f'{frame:06d}.jpg' for frame in range(FRAMES)), 'best.jpg']
    assert Image.open(hits.paths[0][0]).size == (26, 56)
    assert (crops / 'tracks.csv').read_text().splitlines()[1] == '0,4.0,4.0,30.0,60.0,1.0,5'


def test_a_repeated_command_computes_only_what_is_missing(walk, boxes, tmp_path, monkeypatch):
    monkeypatch.setattr(video_module, 'CHUNK', 1)
    folder, crops = str(tmp_path / 'gallery'), tmp_path / 'crops'
    append = GalleryIndex.append

    def killed(self, *args, **kwargs):
        append(self, *args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(GalleryIndex, 'append', killed)
    with pytest.raises(KeyboardInterrupt):
        add_video(None, folder, walk, boxes, crops, modality=0, model=MODEL)
    monkeypatch.setattr(GalleryIndex, 'append', append)
    index = GalleryIndex(folder)
    assert len(index) == 1
    MeanColour.crops = 0
    index, added, known = add_video(index, folder, walk, boxes, crops, modality=0)
    assert (len(index), added, known, MeanColour.crops) == (2, 1, 1, FRAMES)
    assert np.isnan(index.query(np.ones(3)).times).all()
    index, added, known = add_video(index, folder, walk, boxes, crops, modality=0)
    assert (len(index), added, known, MeanColour.crops) == (2, 0, 2, FRAMES)


def test_other_tracks_do_not_take_the_pictures_of_those_that_are_there(walk, boxes, tmp_path):
    folder, crops = str(tmp_path / 'gallery'), tmp_path / 'crops'
    index = add_video(None, folder, walk, boxes, crops, modality=0, model=MODEL).gallery
    boxes.tracks = np.where(boxes.tracks == 5, 9, 5)
    with pytest.raises(
        ValueError, match=r'tracks.csv holds other tracks than those found now, .* give another --crops'
    ):
        add_video(index, folder, walk, boxes, crops, modality=0)
    assert add_video(index, folder, walk, boxes, tmp_path / 'others', modality=0).added == 2


def test_nobody(walk, tmp_path):
    boxes = VideoBoxes.of({0: [(0, 0, 5, 5)]})
    with pytest.raises(ValueError, match=r'walk.avi: none of its 1 boxes has a track'):
        add_video(None, str(tmp_path / 'gallery'), walk, boxes, tmp_path / 'crops', model=MODEL)
    assert not (tmp_path / 'gallery').exists() and not (tmp_path / 'crops').exists()


def test_two_videos_of_one_name_have_their_own_crops(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (crops_folder('gallery/', f'{camera}/night.mp4') for camera in ('cam1', 'cam2'))
    assert first != second and first.parent == second.parent == Path('gallery_crops')
    with pytest.raises(ValueError, match=r's3://people is no folder, so say with --crops'):
        crops_folder('s3://people', 'night.mp4')
    assert first == crops_folder('gallery', str(tmp_path / 'cam2/../cam1/night.mp4')) and first.name.startswith(
        'night-'
    )
