"""HITSZ-VCM and BUPTCampus, on SynVI's walks in their layouts."""

import json
import shutil

import numpy as np
import pytest

from haresreid.datasets import HITSZVCM, BUPTCampus, SynthTracks, SynthVIReID
from haresreid.datasets.bupt_campus import TrackName, frames_of
from haresreid.datasets.hitsz_vcm import image_path, parse_track_line
from haresreid.evaluation.drawable import require_drawable
from haresreid.evaluation.protocols import protocol_by_name
from haresreid.structures import Modality
from haresreid.synvi import SynVISpec, write_synvi

SPECS = dict(
    vcm=SynVISpec('vcm', num_ids=(1, 1, 2), images_per_camera=1, size=(32, 16)),
    bupt=SynVISpec('bupt', num_ids=(1, 1, 3), images_per_camera=2, size=(32, 16), frames=3),
)
SETS = dict(vcm=HITSZVCM, bupt=BUPTCampus)


@pytest.fixture(scope='module')
def roots(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tracks')
    for layout, spec in SPECS.items():
        write_synvi(folder / layout, spec, workers=1)
    return folder


@pytest.fixture
def copy(roots, tmp_path):
    return lambda layout: shutil.copytree(roots / layout, tmp_path / layout)


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))


def test_hitsz_vcm(roots):
    train, test = (HITSZVCM(str(roots / 'vcm'), subset, check_counts=False) for subset in ('train', 'test'))
    for data in (train, test):
        assert len(data) == 2 * 3 * 2  # people, cameras, modalities
        assert set(data.camids) == {1, 2, 3} and not data.queries.any()
        for index, track in enumerate(data.list_tracks()):
            folder = (
                f'{data.subset.capitalize()}/{track["pid"]:04d}/{("rgb", "ir")[track["modality"]]}/D{track["camid"]}'
            )
            assert all(f'/{folder}/' in path for path in track['frames'])
            assert (len(track['frames']), track['frames'][0]) == (12, data.img_paths[index])
    assert set(train.labels) == {0, 1} and not set(train.pids) & set(test.pids)


def test_short_tracks_are_left_out_as_in_the_released_code(copy):
    root = copy('vcm')
    edit(root / 'info' / 'track_train_info.txt', '2 1 12 ', '2 1 11 ')
    assert len(HITSZVCM(str(root), check_counts=False)) == 11


def test_buptcampus(roots):
    train, test = (BUPTCampus(str(roots / 'bupt'), subset, check_counts=False) for subset in ('train', 'test'))
    assert len(train) == 2 * 3 * 2 * 2 and not train.queries.any()
    assert np.array_equal(train.modalities, np.tile([Modality.VISIBLE, Modality.INFRARED], 12))
    for visible, infrared in zip(train.img_paths[::2], train.img_paths[1::2]):
        assert infrared == visible.replace('RGB', 'IR')
    assert test.queries.sum() == 3 and len(test) == 3 + 24
    assert sorted(test.pids[test.queries]) == sorted(set(test.pids))
    for index in np.flatnonzero(test.queries):
        same = (test.pids == test.pids[index]) & ~test.queries
        assert test.camids[index] not in test.camids[same]


@pytest.mark.parametrize('layout', SPECS)
def test_the_protocols_of_a_layout_can_be_evaluated_and_others_are_refused(roots, layout):
    data = SynthTracks(
        str(roots / layout),
        'test',
        layout,
        num_ids=SPECS[layout].num_ids,
        tracks_per_camera=SPECS[layout].images_per_camera,
        frames=SPECS[layout].frames,
        size=(32, 16),
    )
    directions = [
        direction
        for direction, modality in (('v2i', Modality.VISIBLE), ('i2v', Modality.INFRARED))
        if layout == 'vcm' or (data.queries & (data.modalities == modality)).any()
    ]
    for direction in directions:
        require_drawable(data, protocol_by_name(f'{layout}/{direction}'))
    with pytest.raises(ValueError, match=f'sysu/all is no protocol of SynVI .layout {layout}'):
        require_drawable(data, protocol_by_name('sysu/all'))


@pytest.mark.parametrize('layout, entry', [('vcm', 'info'), ('bupt', 'gallery.txt')])
def test_a_missing_folder_or_list_is_named(copy, layout, entry):
    root = copy(layout)
    (root / entry).rename(root / 'elsewhere')
    with pytest.raises(FileNotFoundError, match=f'lacks {entry} .it holds .*the data root must hold'):
        SETS[layout](str(root), check_counts=False)


@pytest.mark.parametrize(
    'layout, list_file, old, new, message',
    [
        ('vcm', 'info/train_name.txt', 'M2D1', 'X2D1', r"train_name.txt', line 1: expected an image name like 0001M2D"),
        ('vcm', 'info/track_train_info.txt', '2 1 12', '3 1 12', r'track_train_info.txt., line 1: expected modality 1'),
        (
            'vcm',
            'info/track_train_info.txt',
            '2 1 12',
            '2 1 9999',
            r'line 1: the track ends at image 9999, and train_n',
        ),
        ('vcm', 'info/track_train_info.txt', '2 1 12', '2 1', r'line 1: expected "modality first last person camera"'),
        ('bupt', 'train.txt', 'RGB/IR', 'RGB+IR', r'train.txt., line 1: expected "person RGB'),
        ('bupt', 'train.txt', 'LS3', 'LS9', r'train.txt., line 1: expected .*a camera of LS3, G25'),
        (
            'bupt',
            'train.txt',
            'LS3 1',
            'LS3 77',
            r"train.txt', line 1: .*data_paths.json' names no images of this track",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_named(copy, layout, list_file, old, new, message):
    root = copy(layout)
    edit(root / list_file, old, new)
    with pytest.raises(ValueError, match=message):
        SETS[layout](str(root), check_counts=False)


def test_official_counts_are_of_tracks(roots):
    with pytest.raises(ValueError, match=r'found 2 ids \(expected 500\), 6 visible \(expected 5460\), 6 infrared'):
        HITSZVCM(str(roots / 'vcm'))
    with pytest.raises(ValueError, match=r'found 3 ids \(expected 1076\)'):
        BUPTCampus(str(roots / 'bupt'), 'test')


@pytest.mark.parametrize('wrong', [None, 3, '1/RGB/CQ1/x.jpg', {'0': ['x.jpg']}, [None]])
def test_images_of_a_track_that_are_no_list(wrong):
    name = TrackName(1, 'RGB', 'CQ1', '1')
    assert frames_of({'1': {'RGB': {'CQ1': {'1': wrong}}}}, name) == []


def test_names_and_lines():
    assert image_path('0001M2D3T1F6.jpg') == '0001/rgb/D3/6.jpg'
    assert image_path('0503M1D12T4F106.jpg') == '0503/ir/D12/106.jpg'
    assert parse_track_line('2 1 24 0001 3') == (2, 1, 24, 1, 3)


def test_synvi_is_drawn_on_first_use_and_its_layouts_of_images_are_another_class(tmp_path):
    settings = dict(layout='bupt', num_ids=(2, 0, 1), frames=2, size=(32, 16), num_frames=2)
    data = SynthTracks(str(tmp_path / 'set'), **settings)
    assert len(data) == 2 * 3 * 2 and data.metainfo['layout'] == 'bupt' and data.metainfo['num_classes'] == 2
    assert SynthTracks.num_classes_of(settings) == 2
    assert json.loads((tmp_path / 'set' / 'synvi.json').read_text())['frames'] == 2
    with pytest.raises(ValueError, match="'vcm' of SynVI holds tracks: take the data set SynthTracks"):
        SynthVIReID(str(tmp_path / 'other'), layout='vcm')
    with pytest.raises(ValueError, match="'sysu' holds single images"):
        SynthTracks(str(tmp_path / 'other'), layout='sysu')
