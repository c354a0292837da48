"""Whom the tracks of small galleries show, on every engine."""

import base64
import json
import multiprocessing
import os
import signal
import time

import numpy as np
import pytest

from haresreid.search import Gallery, create_gallery, open_gallery
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.search.people import PairScores, assign_people, event_lines, gallery_tracks, read_travel_times
from haresreid.structures import Calibration
from haresreid.structures.calibration import Curve

from ..engines import ENGINES

PEOPLE = np.eye(4)


@pytest.fixture(params=ENGINES)
def uri(request, tmp_path) -> str:
    if ENGINES[request.param].package:
        pytest.importorskip(ENGINES[request.param].package)
    return ENGINES[request.param].uri(tmp_path)


@pytest.fixture
def calibration():
    """Evidence from e^-5 at 0 to e^5 at 1; less of it between the modalities."""
    curves = {
        name: Curve([0.0, 1.0], [-most, most], [-most, most], [-most, most])
        for name, most in (('visible-visible', 5.0), ('visible-infrared', 3.0), ('infrared-infrared', 5.0))
    }
    return Calibration(curves)


def add(gallery: Gallery, people, cameras, first, last, modalities=0, tracks=None) -> None:
    """A row for each track, near its person."""
    noise = 0.2 * np.random.default_rng(len(gallery)).standard_normal((len(people), 4))
    columns = dict(first_seen=first, last_seen=last)
    paths = [f'{person}/{len(gallery) + row}.jpg' for row, person in enumerate(people)]
    gallery.append(PEOPLE[people] + noise, paths, cameras, first, modalities, tracks=tracks, columns=columns)


def people_of(gallery: Gallery) -> list[int]:
    rows = [block.columns for block in gallery.blocks()]
    order = np.argsort(np.concatenate([row['id'] for row in rows]))
    return np.concatenate([row['person'] for row in rows])[order].tolist()


def test_a_person_has_the_smallest_id_and_keeps_it(uri, calibration):
    gallery = create_gallery(uri, 4, columns=TRACK_COLUMNS)
    add(gallery, [2, 0, 2, 1, 0], [1, 1, 2, 2, 3], [0, 10, 20, 30, 40], [5, 15, 25, 35, 45], [0, 0, 1, 1, 0])
    found = assign_people(gallery, 0.5, calibration)
    assert people_of(gallery) == found.people.tolist() == [0, 1, 0, 3, 1] and found.changed == 5
    assert np.isnan(found.probabilities[3]) and (found.probabilities[[0, 1, 2, 4]] > 0.5).all()
    assert assign_people(gallery, 0.5, calibration).changed == 0
    hits = open_gallery(uri).query(PEOPLE[2], top=2, where='person = 0')
    assert sorted(hits.ids[0]) == [0, 2] and hits.columns['person'].tolist() == [[0, 0]]
    add(gallery, [1, 2], [4, 4], [50, 60], [55, 65])
    assert assign_people(gallery, 0.5, calibration).changed == 2
    assert people_of(gallery) == [0, 1, 0, 3, 1, 3, 0]
    assert assign_people(gallery, 0.9999).people.tolist() == list(range(7))  # by similarity, which is never so high


def test_nobody_is_twice_in_one_camera_at_once(tmp_path, calibration):
    gallery = create_gallery(tmp_path / 'gallery', 4, columns=TRACK_COLUMNS)
    add(gallery, [0, 0, 0, 0], [1, 1, 1, 2], [0, 10, 11, 5], [10, 20, 30, 6])
    tracks = gallery_tracks(gallery)
    scores = PairScores(tracks, calibration, 0.5)(np.arange(4), np.arange(4))
    assert (np.isinf(scores) == np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]])).all()
    assert assign_people(gallery, 0.5, calibration).people.tolist() in ([0, 1, 0, 0], [0, 1, 0, 1], [0, 0, 2, 0])


def test_nobody_is_faster_than_the_way(tmp_path):
    file = tmp_path / 'travel.csv'
    file.write_text('camera,other,seconds\n2,1,20\n1,1,3\n9,1,7\n')
    travel = read_travel_times(file)
    assert travel == {(1, 2): 20, (1, 1): 3, (1, 9): 7}
    gallery = create_gallery(tmp_path / 'gallery', 4, columns=TRACK_COLUMNS)
    add(gallery, [0] * 5, [1, 2, 2, 1, None], [100, 115, 130, 112, 100], [110, 120, 140, 113, 110])
    scores = PairScores(gallery_tracks(gallery), travel=travel)(np.arange(5), np.arange(5))
    apart = {(0, 1), (0, 3), (1, 3), (2, 3)}  # 5, 2, 2 and 17 seconds; there are 20 between the first and the third
    assert {(a, b) for a in range(5) for b in range(a + 1, 5) if np.isinf(scores[a, b])} == apart
    for text, message in (
        ('1,2,20\n2,1,3', 'line 3: the cameras 1 and 2 stand there twice'),
        ('1,2,-1', 'line 2: seconds -1 are less than 0'),
        ('1,door,2', "line 2: camera 'door' is no whole number"),
    ):
        file.write_text(f'camera,other,seconds\n{text}\n')
        with pytest.raises(ValueError, match=f'travel.csv, {message}'):
            read_travel_times(file)


def test_images_of_one_track_are_one(tmp_path):
    gallery = create_gallery(tmp_path / 'gallery', 4, columns=TRACK_COLUMNS)
    features = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 0.2, 0, 0], [0.8, 0.4, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    gallery.append(
        features, list('abcdef'), [1, 1, 1, 2, 2, 2], [7, 8, 3, None, 4, 5], 0, tracks=[6, 6, 6, 6, None, None]
    )
    add(gallery, [0, 0], [1, 1], [1, 2], [1.5, 2.5], tracks=[6, 6])  # two videos of a camera may use a number again
    tracks = gallery_tracks(gallery)
    assert tracks.track_of.tolist() == [0, 0, 0, 1, 2, 3, 4, 5] and tracks.numbers.tolist() == [0, 3, 4, 5, 6, 7]
    assert tracks.crops[0] == 'c' and tracks.cameras.tolist() == [1, 2, 2, 2, 1, 1]
    assert tracks.first.tolist()[2:] == [4, 5, 1, 2] and tracks.last.tolist()[2:] == [4, 5, 1.5, 2.5]
    assert (tracks.first[0], tracks.last[0]) == (3, 8) and np.isnan(tracks.first[1])
    unit = features[:3] / np.linalg.norm(features[:3], axis=1, keepdims=True)
    np.testing.assert_allclose(tracks.features[0], unit.sum(0) / np.linalg.norm(unit.sum(0)), atol=1e-6)


def test_events(tmp_path, calibration):
    gallery = create_gallery(tmp_path / 'gallery', 4, columns=TRACK_COLUMNS)
    add(gallery, [0, 0, 1], [1, 2, None], [1.8e9, 1.7e9, None], [1.8e9 + 2.5, 1.7e9, None], [0, 1, 0])
    found = assign_people(gallery, 0.5, calibration)
    events = [json.loads(line) for line in event_lines(found)]
    assert [event['track'] for event in events] == [1, 0, 2] and [event['id'] for event in events] == [0, 0, 2]
    vector = np.frombuffer(base64.b64decode(events[1].pop('vector')), '<f2')
    np.testing.assert_allclose(vector, found.tracks.features[0], atol=1e-3)
    assert events[1] == dict(
        id=0,
        track=0,
        camera=1,
        modality='visible',
        since='2027-01-15T08:00:00Z',
        until='2027-01-15T08:00:02.500Z',
        probability=pytest.approx(found.probabilities[0], abs=1e-4),
        crop='0/0.jpg',
    )
    assert [events[2][name] for name in ('camera', 'since', 'until', 'probability')] == [None] * 4


def test_what_cannot_be_assigned(tmp_path, calibration):
    old = create_gallery(tmp_path / 'old', 4)
    with pytest.raises(ValueError, match='no column for the person: haresreid search copy'):
        assign_people(old, 0.5)
    gallery = create_gallery(tmp_path / 'gallery', 4, columns=TRACK_COLUMNS)
    with pytest.raises(ValueError, match='is empty'):
        assign_people(gallery, 0.5)
    add(gallery, [0, 1], [1, 1], [0, 9], [1, 9], [0, None])
    with pytest.raises(ValueError, match='The modality of 1 of 2 is unknown, and a calibration needs it'):
        assign_people(gallery, 0.5, calibration)
    half = Calibration({'visible-visible': calibration.curves['visible-visible']})
    gallery.update([1], modalities=1)
    with pytest.raises(ValueError, match='no curve for visible-infrared pairs: it has visible-visible'):
        assign_people(gallery, 0.5, half)
    gallery.update([0, 1], cameras=3, tracks=5, columns=dict(first_seen=None))
    with pytest.raises(ValueError, match='the track 5 of camera 3 has images of two modalities'):
        assign_people(gallery, 0.5)


def assign_again_and_again(uri: str) -> None:
    gallery = open_gallery(uri)
    while True:
        for least in (0.5, 0.9999):
            assign_people(gallery, least)


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='the writer is forked')
def test_a_kill_leaves_the_old_people_or_the_new(tmp_path):
    uri = str(tmp_path / 'gallery')
    people = np.arange(40) % 4
    add(create_gallery(uri, 4, columns=TRACK_COLUMNS), people, np.arange(40), np.arange(40), np.arange(40))
    for attempt in range(6):
        child = multiprocessing.get_context('fork').Process(target=assign_again_and_again, args=(uri,))
        child.start()
        time.sleep(0.02 + 0.013 * attempt)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert people_of(open_gallery(uri)) in ([-1] * 40, people.tolist(), list(range(40)))
    assert assign_people(open_gallery(uri), 0.5).people.tolist() == people.tolist()
