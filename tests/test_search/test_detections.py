import shlex
from pathlib import Path

import pytest

from haresreid.search.detections import list_detections, match_detections
from haresreid.search.times import read_timezone, to_posix


@pytest.fixture
def folder(tmp_path):
    for name in ('a.jpg', 'b.jpg'):
        (tmp_path / name).touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / 'list.csv').write_text(text, encoding='utf-8-sig')
    return folder / 'list.csv'


def test_a_list(folder):
    text = 'Time,path,CAMERA , modality,track\n1970-01-01T00:01Z,a.jpg,3,Infrared,17\nnan,b.jpg,NaN,,\n'
    detections = list_detections(write(folder, text))
    assert detections.paths == [str(folder / name) for name in ('a.jpg', 'b.jpg')]
    assert (detections.cameras, detections.times, detections.modalities) == ([3, None], [60, None], [1, None])
    assert detections.tracks == [17, None]
    assert len(detections) == 2 and detections[[1]].paths == detections[1:].paths == [str(folder / 'b.jpg')]
    assert list_detections(write(folder, 'path\na.jpg\n')).cameras == [None]


@pytest.mark.parametrize(
    'text, message',
    [
        ('camera\n3\n', 'list.csv: its first line lacks path; the columns are path,camera,time,modality'),
        ('path,cam\na.jpg,1\n', "unknown column 'cam': did you mean 'camera'"),
        ('path,camera,note\na.jpg,1,x\n', "unknown column 'note': correct its name or leave it out"),
        ('path,camera,camera\na.jpg,1,2\n', 'the column camera twice'),
        ('path\n', 'lists no image'),
        ('path\na.jpg\nc.jpg\n', '1 of 2 images do not exist, the first is .*c.jpg'),
        ('path,camera\na.jpg,door\n', "line 2: camera 'door' is no whole number from 0 to 2147483647"),
        (
            'path,camera\na.jpg,3\nb.jpg,2147483648\n',
            "line 3: camera '2147483648' is no whole number from 0 to 2147483647",
        ),
        ('path,camera\na.jpg,98765432109876543210\n', "line 2: camera '98765432109876543210'"),
        ('path,camera\na.jpg,3.5\n', "line 2: camera '3.5'"),
        ('path,camera\na.jpg,-1\n', "line 2: camera '-1'"),
        ('path,camera\na.jpg,²\n', "line 2: camera '²'"),
        ('path,camera\na.jpg,٣\n', "line 2: camera '٣'"),
        ('path,camera\na.jpg\n', 'line 2: it has 1 cell for the 2 columns'),
        ('path,camera\n"a.jpg,3\n', 'line 2: .* quotation mark'),
        ('path,time\na.jpg,1\nb.jpg,noon\n', "line 3: 'noon' is no time"),
        ('path,modality\na.jpg,IR\n', "line 2: 'IR' is no modality"),
        ('path,camera\n\n,1\n', 'line 3: there is no path'),
        ('path,time\na.jpg,٢٠٢٦-١١-٢٤\n', 'line 2: .* is no time'),
    ],
)
def test_a_list_that_cannot_be_used(folder, text, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        list_detections(write(folder, text))


@pytest.mark.parametrize(
    'text, camera',
    [
        ('path,camera\na.jpg,3.0\n', 3),
        ('path,camera\na.jpg,2147483647\n', 2147483647),
        ('path,camera\na.jpg,nan\n', None),
        ('path , Camera\na.jpg, 3\n', 3),
    ],
)
def test_cameras(folder, text, camera):
    assert list_detections(write(folder, text)).cameras == [camera]


def test_a_list_of_a_spreadsheet_in_utf16(folder):
    (folder / 'list.csv').write_text('path,camera\na.jpg,3\n', encoding='utf-16')
    assert list_detections(folder / 'list.csv').cameras == [3]


def test_a_list_in_another_encoding_is_named_with_its_line(folder):
    (folder / 'list.csv').write_bytes('path\na.jpg\nJürgen.jpg\n'.encode('cp1252'))
    with pytest.raises(ValueError, match=r'list\.csv, line 3: .* save the file as UTF-8'):
        list_detections(folder / 'list.csv')


def test_no_list(folder):
    with pytest.raises(FileNotFoundError, match='there is no list .*it is a CSV file'):
        list_detections(folder / 'other.csv')


def test_a_pattern():
    pattern = r'(?P<modality>visible|infrared)?/cam(?P<camera>\d+)/(?P<time>[^/]*)\.jpg'
    detections = match_detections(['x/infrared/cam03/1970-01-01_00-01-00.jpg', '/cam4/120.5.jpg'], pattern)
    assert (detections.cameras, detections.times, detections.modalities) == ([3, 4], [60, 120.5], [1, None])
    assert match_detections(['a', 'b'], None).cameras == [None, None]


@pytest.mark.parametrize(
    'pattern, message',
    [
        ('(', 'is no regular expression'),
        (r'\d+', r'has the groups \[\]: give it some of'),
        (r'(?P<cam>\d)', r"has the groups \['cam'\]"),
        (r'c(?P<camera>\d)', r"1 of 1 paths do not match --pattern 'c\(\?P<camera>\\d\)', the first is 'a7.jpg'"),
        (r'(?P<time>a)', "'a7.jpg': 'a' is no time"),
        (r'(?P<camera>a)', "'a7.jpg': camera 'a' is no whole number from 0 to 2147483647"),
    ],
)
def test_a_pattern_that_cannot_be_used(pattern, message):
    with pytest.raises(ValueError, match=message):
        match_detections(['a7.jpg'], pattern)


def test_paths_without_the_pattern_can_be_left_out():
    pattern, paths = r"door's (?P<camera>\d)_(?P<time>[\d.-]*\d)", ["door's 3_2026.11.24-11.15.00.jpg", 'Thumbs.jpg']
    zone = read_timezone('Europe/Berlin')
    detections = match_detections(paths, pattern, zone, unmatched='skip')
    assert (detections.paths, detections.cameras) == (paths[:1], [3])
    assert detections.times == [to_posix('2026-11-24T10:15Z')]
    for unmatched, wrong in (('raise', paths), ('skip', paths[1:])):
        with pytest.raises(ValueError, match='paths do not match') as error:
            match_detections(wrong, pattern, zone, unmatched)
        words = shlex.split(str(error.value).split(', the first is')[0])  # as a shell reads what is pasted
        assert words[words.index('--pattern') + 1] == pattern


def test_times_of_a_list_are_of_the_zone(folder):
    detections = list_detections(write(folder, 'path,time\na.jpg,2026-11-24 11:15\n'), read_timezone('+01:00'))
    assert detections.times == [to_posix('2026-11-24T10:15Z')]
