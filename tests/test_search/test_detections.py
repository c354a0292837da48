from pathlib import Path

import pytest

from haresreid.search.detections import list_detections, match_detections


@pytest.fixture
def folder(tmp_path):
    for name in ('a.jpg', 'b.jpg'):
        (tmp_path / name).touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / 'list.csv').write_text(text, encoding='utf-8-sig')
    return folder / 'list.csv'


def test_a_list(folder):
    text = 'time,path,camera,modality,note\n1970-01-01T00:01Z,a.jpg,3,infrared,x\n,b.jpg,,,\n'
    detections = list_detections(write(folder, text))
    assert detections.paths == [str(folder / name) for name in ('a.jpg', 'b.jpg')]
    assert (detections.cameras, detections.times, detections.modalities) == ([3, None], [60, None], [1, None])
    assert len(detections) == 2 and detections[[1]].paths == detections[1:].paths == [str(folder / 'b.jpg')]
    assert list_detections(write(folder, 'path\na.jpg\n')).cameras == [None]


@pytest.mark.parametrize('text, message', [
    ('camera\n3\n', 'has no column path'),
    ('path\n', 'lists no image'),
    ('path\na.jpg\nc.jpg\n', '1 of 2 images do not exist, the first is .*c.jpg'),
    ('path,camera\na.jpg,door\n', "line 2: 'door' is no camera number"),
    ('path,time\na.jpg,1\nb.jpg,noon\n', "line 3: 'noon' is no time"),
    ('path,modality\na.jpg,IR\n', "line 2: 'IR' is no modality"),
    ('path,camera\n\n,1\n', 'line 3: there is no path'),
])
def test_a_list_that_cannot_be_used(folder, text, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        list_detections(write(folder, text))


def test_no_list(folder):
    with pytest.raises(FileNotFoundError, match='there is no list .*it is a CSV file'):
        list_detections(folder / 'other.csv')


def test_a_pattern():
    pattern = r'(?P<modality>visible|infrared)?/cam(?P<camera>\d+)/(?P<time>[^/]*)\.jpg'
    detections = match_detections(['x/infrared/cam03/1970-01-01_00-01-00.jpg', '/cam4/120.5.jpg'], pattern)
    assert (detections.cameras, detections.times, detections.modalities) == ([3, 4], [60, 120.5], [1, None])
    assert match_detections(['a', 'b'], None).cameras == [None, None]


@pytest.mark.parametrize('pattern, message', [
    ('(', 'is no regular expression'),
    (r'\d+', r'has the groups \[\]: give it some of'),
    (r'(?P<cam>\d)', r"has the groups \['cam'\]"),
    (r'c(?P<camera>\d)', "is not found in 'a7.jpg'"),
    (r'(?P<time>a)', "'a7.jpg': 'a' is no time"),
])
def test_a_pattern_that_cannot_be_used(pattern, message):
    with pytest.raises(ValueError, match=message):
        match_detections(['a7.jpg'], pattern)
