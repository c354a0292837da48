"""What the columns of an index take: whole numbers of their range, or what says that nobody knows."""

import json
import math

import numpy as np
import pytest

from haresreid.search import GalleryIndex
from haresreid.search.columns import camera_number, id_number, modality_number, row_columns
from haresreid.search.filters import Filter
from haresreid.search.manifest import MANIFEST

NAN = float('nan')


@pytest.mark.parametrize('unknown', [None, NAN, np.float32('nan'), '', -1])
def test_unknown(unknown):
    assert camera_number(unknown) == modality_number(unknown) == -1
    rows = row_columns(2, [unknown, 3], [None if unknown == -1 else unknown, 60], [unknown, 'infrared'])
    assert rows['camera'].tolist() == [-1, 3] and rows['modality'].tolist() == [-1, 1]
    assert math.isnan(rows['time'][0]) and rows['time'][1] == 60


def test_whole_numbers_of_any_type_up_to_the_ends_of_the_range():
    assert [camera_number(camera) for camera in (0, '7', 7.0, np.int64(7), 2**31 - 1)] == [0, 7, 7, 7, 2**31 - 1]
    assert [id_number(number) for number in (-(2**63), 2**63 - 1)] == [-(2**63), 2**63 - 1]
    assert row_columns(2, ids=np.array([3, 2**63 - 1], 'u8'))['id'].tolist() == [3, 2**63 - 1]


WRONG = [
    (dict(cameras=[1, 2**31]), "row 1: camera '2147483648' is no whole number from 0 to 2147483647"),
    (dict(cameras=2**31), "camera '2147483648' is no whole number from 0 to 2147483647"),
    (dict(cameras=[1, 10**20]), "row 1: camera '1000"),
    (dict(cameras=[1.5, 1]), "row 0: camera '1.5' is no whole number"),
    (dict(cameras=[1, -2]), "row 1: camera '-2' is no whole number"),
    (dict(cameras=[1, math.inf]), "row 1: camera 'inf' is no whole number"),
    (dict(cameras=['door', 1]), "row 0: camera 'door' is no whole number"),
    (dict(ids=[1, 10**19]), "row 1: id '10000000000000000000' is no whole number from -9223372036854775808 to"),
    (dict(ids=[99999999999999999999, 1]), "row 0: id '99999999999999999999' is no whole number"),
    (dict(ids=[1, 2.5]), "row 1: id '2.5' is no whole number"),
    (dict(ids=[1, NAN]), "row 1: id 'nan' is no whole number"),
    (dict(ids=[1, None]), "row 1: id 'None' is no whole number"),
    (dict(times=[1, math.inf]), "row 1: 'inf' is no time"),
    (dict(times=[1, 10**400]), "row 1: '10{59}...' is no time"),
    (dict(times=[1, -1e11]), "row 1: '-1000.*' is no time"),
    (dict(modalities=[0, 0.5]), "row 1: '0.5' is no modality"),
    (dict(cameras=[1, 2, 3]), '2 features have 3 values of camera'),
]


@pytest.mark.parametrize('columns, message', WRONG)
def test_what_would_be_cut_or_overflow_is_refused_before_anything_is_written(tmp_path, columns, message):
    index = GalleryIndex.create(tmp_path / 'index', 2)
    before = {path: path.read_bytes() for path in tmp_path.rglob('*') if path.is_file()}
    with pytest.raises(ValueError, match=message) as error:
        index.append(np.eye(2), ['a', 'b'], **columns)
    assert len(str(error.value)) < 200 and '\n' not in str(error.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob('*') if path.is_file()} == before


@pytest.mark.parametrize(
    'conditions, message',
    [
        (dict(cameras=[1, 2**31]), "camera '2147483648' is no whole number"),
        (dict(exclude_cameras=0.5), "camera '0.5' is no whole number"),
        (dict(ids=[10**20]), "id '1000"),
        (dict(since=1e15), 'is no time'),
        (dict(since='2026'), "'2026' may be a year, or seconds since 1970: write 2026-01-01 or 2026.0"),
        (dict(until=''), "since and until need a time, got ''"),
        (dict(until='nan'), "since and until need a time, got 'nan'"),
        (dict(until='noon'), "'noon' is no time"),
        (dict(modality='IR'), "'IR' is no modality"),
    ],
)
def test_conditions_that_are_none(conditions, message):
    with pytest.raises(ValueError, match=message):
        Filter(**conditions)


def test_the_last_id(tmp_path):
    index = GalleryIndex.create(tmp_path / 'index', 2)
    assert index.append(np.eye(2), ['a', 'b'], ids=[2**63 - 1, -(2**63)]).tolist() == [2**63 - 1, -(2**63)]
    with pytest.raises(ValueError, match='after the id 9223372036854775807 there are no 2 more: give ids'):
        index.append(np.eye(2), ['c', 'd'])
    assert json.loads((tmp_path / 'index' / MANIFEST).read_text())['next_id'] == 2**63
    assert len(GalleryIndex(tmp_path / 'index')) == 2 and index.delete(ids=[2**63 - 1]) == 1
