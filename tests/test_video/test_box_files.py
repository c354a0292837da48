import pytest

from haresreid.video.box_files import read_boxes
from haresreid.video.box_files.csv import box_csv_text

CVAT_VIDEO = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><frame_filter></frame_filter></task></meta>
<track id="0" label="Person"><box frame="3" outside="0" xtl="1.5" ytl="2" xbr="11" ybr="30"></box>
<box frame="4" outside="1" xtl="1" ytl="2" xbr="11" ybr="30"></box></track>
<track id="1" label="bicycle"><box frame="3" outside="0" xtl="1" ytl="2" xbr="11" ybr="30"></box></track>
</annotations>"""
CVAT_IMAGES = """<annotations><image id="3" name="frame_000003"><box label="walker" xtl="1.5" ytl="2" xbr="11" ybr="30">
</box></image></annotations>"""


def read(tmp_path, text, name='boxes.txt'):
    path = tmp_path / name
    path.write_text(text)
    return read_boxes(path)


@pytest.mark.parametrize(
    'text, scores, tracks',
    [
        ('Frame,x1,y1,x2,y2\n3,1.5,2,11,30\n', [1], [-1]),
        ('track,frame,x1,y1,x2,y2,score\n9,3,1.5,2,11,30,0.25\n', [0.25], [9]),
        ('track,frame,x1,y1,x2,y2,score\n,3,1.5,2,11,30,\n', [1], [-1]),
        ('4,-1,1.5,2,9.5,28,0.75,-1,-1,-1\n\n', [0.75], [-1]),
        ('4,7,1.5,2,9.5,28\n', [1], [7]),
        ('4,7,1.5,2,9.5,28,1,1,0.8\n4,8,1,1,9,9,0,1,0.8\n4,9,1,1,9,9,1,3,0.8\n', [1], [7]),
        (CVAT_VIDEO, [1], [0]),
        (CVAT_IMAGES, [1], [-1]),
    ],
)
def test_one_box_in_every_format(tmp_path, text, scores, tracks):
    boxes = read(tmp_path, text)
    assert boxes.frames.tolist() == [3] and boxes.corners.tolist() == [[1.5, 2, 11, 30]]
    assert boxes.scores.tolist() == scores and boxes.tracks.tolist() == tracks


def test_what_is_written_is_read(tmp_path):
    boxes = read(tmp_path, 'frame,x1,y1,x2,y2,score,track\n2,0,0,5.5,9,0.5,3\n2,-4.2,1,6,9,,\n7,0,0,5,9,1,3\n')
    again = read(tmp_path, box_csv_text(boxes))
    for name, column in vars(boxes).items():
        assert getattr(again, name).tolist() == column.tolist()


@pytest.mark.parametrize(
    'text, message',
    [
        ('frame,x1,y1,x2\n1,2,3,4\n', 'its first line lacks y2'),
        ('frame,x1,y1,x2,y2,id\n', "unknown column 'id'"),
        ('frame,x1,y1,x2,y2\n1,2,x,4,5\n', "line 2: y1 'x' is no number"),
        ('frame,x1,y1,x2,y2,track\n1,2,3,4,5,x\n', "line 2: track 'x' is no whole number"),
        ('frame,x1,y1,x2,y2\n1,2,3,1,5\n', r'boxes.txt: #frame=1#box=0 is \(2, 3, 1, 5\)'),
        ('0,1,2,3,4,5\n', "line 1: frame '0' is no whole number from 1"),
        ('1,1,2,3,4\n', 'line 1: it has 5 columns; MOT has frame,track,left,top,width,height'),
        ('1,1,2,3,4,5\n1,1,2,3,4,5\n', 'boxes.txt: Track 1 has 2 boxes in frame 0'),
        ('<a', 'is no XML file'),
        ('<a></a>', "is no export of CVAT: its first element is 'a'"),
        (CVAT_VIDEO.replace('Person', 'car'), r"has the labels \['bicycle', 'car'\]: call that of people person"),
        (CVAT_VIDEO.replace('<frame_filter>', '<frame_filter>step=5'), 'counts only some frames of the video'),
        (CVAT_VIDEO.replace('xtl="1.5"', ''), "xtl '' is no number"),
    ],
)
def test_what_cannot_be_read(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, text)
    assert 'boxes.txt' in str(error.value)
