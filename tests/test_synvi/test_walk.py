"""Walks: frames of one person in one view, in the layouts of tracks."""

import json

import numpy as np
import pytest

from haresreid.synvi import SynVISpec, draw_contact_sheet, subset_counts, write_synvi, writer
from haresreid.synvi.camera import Sensor
from haresreid.synvi.identity import draw_identity
from haresreid.synvi.image_draw import Walk, draw_image
from haresreid.synvi.layouts import cameras, index_files, person_images, split_ids
from haresreid.synvi.render import render_image

SIZE = (64, 32)
VCM = SynVISpec('vcm', num_ids=(1, 1, 2), images_per_camera=1, size=(48, 24))
BUPT = SynVISpec('bupt', num_ids=(1, 1, 3), images_per_camera=2, size=(48, 24), frames=3)


def draws(pid, camera, number=0, frames=12):
    person = draw_identity(0, pid)
    return [draw_image(0, pid, person, camera, number, SIZE, Walk(7, frame, frames)) for frame in range(frames)]


def test_a_walk_goes_on_from_frame_to_frame():
    """Neighbours are alike, the ends are not; the legs move all the time, and other walks are others."""
    camera = cameras(VCM)[0]
    for pid in range(1, 9):
        walk = draws(pid, camera)
        yaws, feet = (np.array([getattr(frame.view, name) for frame in walk]) for name in ('yaw', 'foot'))
        assert (np.abs(np.diff(yaws)) < 0.12).all() and np.ptp(yaws) > 0
        assert (feet <= 0.99 * len(walk[0].background)).all()
        ankles = np.array([frame.pose.ankles[1] for frame in walk])
        assert (np.abs(np.diff(ankles, axis=0)).max(axis=1) > 1e-3).all()
    starts = {
        (draw.view.yaw, draw.view.x) for pid in (1, 2) for number in (0, 1) for draw in draws(pid, camera, number)[:1]
    }
    assert len(starts) == 4


def test_the_place_moves_past_somebody_who_walks_sideways():
    camera = cameras(VCM)[0]._replace(yaw=np.pi / 2, views=(0.0,), view_probs=(1.0,))
    moved = 0
    for pid in range(1, 6):
        first, *_, last = (frame.background for frame in draws(pid, camera))
        assert first.shape == last.shape == (96, 48, 3)
        moved += np.abs(first - last).mean() > 0.01
    assert moved >= 4


def test_an_occluder_stays_the_same_while_it_hides_a_part_of_the_walk():
    camera = cameras(VCM)[0]._replace(occlusion=1.0)
    hidden = [[frame.occluder is not None for frame in draws(pid, camera)] for pid in range(1, 9)]
    for walk in hidden:
        assert 0 < sum(walk) < 12
        assert np.abs(np.diff(walk)).sum() <= 2  # one stretch
    first, second = [frame for frame in draws(1, camera) if frame.occluder is not None][:2]
    assert first.occluder.random() == second.occluder.random()


def test_frames_have_their_own_noise_and_do_not_depend_on_the_order_of_drawing():
    camera, person = cameras(VCM)[3], draw_identity(0, 1)
    frames = [render_image(0, 1, person, camera, 0, SIZE, Walk(7, frame, 12)) for frame in (3, 4)]
    again = [render_image(0, 1, person, camera, 0, SIZE, Walk(7, frame, 12)) for frame in (4, 3)][::-1]
    assert all(np.array_equal(*pair) for pair in zip(frames, again))
    assert not np.array_equal(*frames)


def test_one_housing_films_both_spectra_of_a_walk_at_once():
    visible, infrared = cameras(BUPT)[:2]
    assert (visible.sensor, infrared.sensor) == (Sensor.VISIBLE, Sensor.NIR) and visible.place == infrared.place
    pairs = zip(*([image for image in person_images(BUPT, 1) if image.camera.key == key] for key in (81, 91)))
    person = draw_identity(0, 1)
    for one, other in pairs:
        a, b = (draw_image(0, 1, person, image.camera, image.number, SIZE, image.walk) for image in (one, other))
        assert (a.view, a.pose, a.occluder is None) == (b.view, b.pose, b.occluder is None)
        assert a.rng.random() != b.rng.random()  # light and noise are each camera's own


def test_vcms_lists_name_every_image_of_a_track_once():
    files = index_files(VCM)
    images = {image.path for pid in range(1, 5) for image in person_images(VCM, pid)}
    named = []
    for subset in ('train', 'test'):
        names = files[f'info/{subset}_name.txt'].split()
        for line in files[f'info/track_{subset}_info.txt'].splitlines():
            modality, first, last, pid, camera = map(int, line.split())
            assert last - first + 1 == 12
            for name in names[first - 1 : last]:
                assert name.startswith(f'{pid:04d}M{modality}D{camera}T1F')
                folder = f'{subset.capitalize()}/{pid:04d}/{("ir", "rgb")[modality - 1]}/D{camera}'
                named.append(f'{folder}/{name.split("F")[1]}')
    assert sorted(named) == sorted(images)
    tracks = files['info/track_test_info.txt'].splitlines()
    assert [tracks[int(row) - 1][0] for row in files['info/query_IDX.txt'].split()] == ['1'] * 6  # 2 people, 3 cameras


def test_bupts_queries_are_one_of_each_person_and_its_camera_is_not_in_the_gallery():
    files = index_files(BUPT)
    paths = json.loads(files['data_paths.json'])
    test = split_ids(BUPT)[2]
    queries = {int(line.split()[0]): line.split() for line in files['query.txt'].splitlines()}
    assert sorted(queries) == test
    gallery = [line.split() for line in files['gallery.txt'].splitlines()]
    assert len(gallery) == 3 * 2 * 2 * 2  # people, other housings, modalities, walks
    for pid, modality, place, track in gallery:
        assert place != queries[int(pid)][2]
        assert len(paths[pid][modality][place][track]) == 3
    assert len(files['train.txt'].splitlines()) == 2 * 3 * 2 and 'RGB/IR' in files['train.txt']
    assert subset_counts(BUPT, 'test') == dict(
        ids=3,
        visible=12 + sum(query[1] == 'RGB' for query in queries.values()),
        infrared=12 + sum(query[1] == 'IR' for query in queries.values()),
    )


def test_a_killed_drawing_of_walks_goes_on_with_the_same_files(tmp_path, monkeypatch):
    spec = SynVISpec('bupt', num_ids=(1, 0, 0), images_per_camera=1, size=(32, 16), frames=2)
    write_synvi(tmp_path / 'whole', spec, workers=1)
    drawn, draw = [], writer.render_image

    def killed(*args):
        drawn.append(args)
        if len(drawn) == 7:
            raise KeyboardInterrupt
        return draw(*args)

    monkeypatch.setattr(writer, 'render_image', killed)
    with pytest.raises(KeyboardInterrupt):
        write_synvi(tmp_path / 'again', spec, workers=1)
    assert not (tmp_path / 'again').exists()
    write_synvi(tmp_path / 'again', spec, workers=1)
    files = [sorted(path for path in (tmp_path / name).rglob('*') if path.is_file()) for name in ('whole', 'again')]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    assert len(drawn) == 7 + 12 - 6


def test_the_sheet_shows_a_walk_of_each_spectrum():
    sheet = draw_contact_sheet([BUPT], people=1, columns=6)
    cells = [sheet[:, column * 26 : column * 26 + 24] for column in range(6)]
    assert [bool(np.ptp(cell.astype(int), axis=2).any()) for cell in cells] == [True] * 3 + [False] * 3


def test_frames_belong_to_layouts_of_tracks():
    assert (VCM.frames, SynVISpec('sysu').frames) == (12, None)
    assert 'frames' not in SynVISpec('sysu').to_dict()  # sets drawn before there were walks are still known
    with pytest.raises(ValueError, match="'sysu' holds single images: leave frames out"):
        SynVISpec('sysu', frames=8)
    with pytest.raises(ValueError, match="frames must be 12 to 999 in the layout 'vcm', got 8"):
        SynVISpec('vcm', frames=8)
