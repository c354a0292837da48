"""The whole way on real pixels: pedestrians of a surveillance video, from frames to a ranked gallery.

The video, ``vtest.avi``, comes with Debian's package ``opencv-doc``. It is fetched when the test runs, kept in the
user's cache and never part of the repository.
"""

import os
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from haresreid.apis import VIReIDInferencer
from haresreid.search import GalleryIndex
from haresreid.search.video import add_video
from haresreid.video import Video
from haresreid.video.people import find_people

MODEL, START, FRAMES, RATE = 'haresformer_synth', 1.7e9, 120, 10
PLACE = './usr/share/doc/opencv-doc/examples/data/vtest.avi'


@pytest.fixture(scope='module')
def vtest(tmp_path_factory) -> Path:
    cache = Path(os.environ.get('XDG_CACHE_HOME', '~/.cache')).expanduser() / 'haresreid-tests'
    if not (cache / 'vtest.avi').is_file():
        if not (shutil.which('apt-get') and shutil.which('dpkg-deb')):
            pytest.skip("vtest.avi comes with Debian's package opencv-doc, and there is no apt-get or dpkg-deb here")
        folder = tmp_path_factory.mktemp('opencv-doc')
        try:
            subprocess.run(
                ['apt-get', 'download', 'opencv-doc'], cwd=folder, check=True, capture_output=True, timeout=60
            )
            (package,) = folder.glob('*.deb')
            content = subprocess.Popen(['dpkg-deb', '--fsys-tarfile', package], stdout=subprocess.PIPE)
            subprocess.run(['tar', '-xC', folder, PLACE], stdin=content.stdout, check=True, timeout=60)
        except (subprocess.SubprocessError, ValueError) as error:
            pytest.skip(f'apt-get cannot give opencv-doc, with which vtest.avi comes ({error})')
        cache.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / PLACE, cache / 'vtest.avi')
    return cache / 'vtest.avi'


@pytest.fixture(scope='module')
def clip(vtest, tmp_path_factory) -> Path:
    """Its first twelve seconds."""
    path = tmp_path_factory.mktemp('clip') / 'clip.avi'
    source = cv2.VideoCapture(str(vtest))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), RATE, (768, 576))
    for _ in range(FRAMES):
        writer.write(source.read()[1])
    writer.release()
    return path


def boxes_of_what_moves(clip: Path, file: Path) -> Path:
    """For an OpenCV without a detector of people: upright blobs before a still background, in every second frame."""
    background = cv2.createBackgroundSubtractorMOG2(history=60, detectShadows=False)
    rows = ['frame,x1,y1,x2,y2']
    source = cv2.VideoCapture(str(clip))
    for frame in range(FRAMES):
        mask = cv2.morphologyEx(background.apply(source.read()[1]), cv2.MORPH_CLOSE, np.ones((9, 5), np.uint8))
        _, _, blobs, _ = cv2.connectedComponentsWithStats(mask)
        for x, y, width, height, _ in blobs[1:].tolist():
            if frame > 10 and frame % 2 == 0 and height > 60 and 1.5 < height / width < 5:
                rows.append(f'{frame},{x},{y},{x + width},{y + height}')
    file.write_text('\n'.join(rows) + '\n')
    return file


def test_a_video_becomes_a_gallery_in_which_everybody_is_found(clip, tmp_path):
    pytest.importorskip('trackers', reason='tracks need the extra video')
    video = Video(clip)
    boxes = None if hasattr(cv2, 'HOGDescriptor') else boxes_of_what_moves(clip, tmp_path / 'boxes.csv')
    people = find_people(video, tmp_path / 'people', boxes)
    _, added, _ = add_video(
        None, str(tmp_path / 'gallery'), video, people, tmp_path / 'crops', 1, START, modality=0, model=MODEL
    )
    assert 3 <= added <= 40

    best = sorted((tmp_path / 'crops').glob('*/best.jpg'))
    assert len(best) == added
    queries = VIReIDInferencer(MODEL)([str(path) for path in best], 'visible', progress=False)
    hits = GalleryIndex(str(tmp_path / 'gallery')).query(queries.features, top=2)
    assert np.mean([paths[0] == str(path) for paths, path in zip(hits.paths, best)]) > 0.8  # one in `added` by chance
    assert (hits.times >= START).all() and (hits.times <= START + FRAMES / RATE).all()
    assert (hits.cameras == 1).all() and (hits.scores[:, 0] > 0.7).all()
