"""Boxes that people drew in CVAT, as "CVAT for video 1.1" and "CVAT for images 1.1" export them."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from haresreid.files.numbers import INT32_MAX, finite_number, whole_number
from haresreid.video.boxes import NO_TRACK, VideoBoxes

__all__ = ['read_cvat']

CORNERS = ('xtl', 'ytl', 'xbr', 'ybr')
PERSON = ('person', 'pedestrian')


def read_cvat(path: str | Path) -> VideoBoxes:
    """Read the boxes of people: those labelled person or pedestrian, or all if the file has only one label.

    Raises:
        ValueError: If it is no such file, its frames are a part of the video's, or no label is of people.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise ValueError(f'{path} is no XML file: {error}') from None
    if root.tag != 'annotations':
        raise ValueError(f'{path} is no export of CVAT: its first element is {root.tag!r}, and not annotations')
    if any((part.text or '').strip() for part in root.iter('frame_filter')):
        raise ValueError(f'{path} counts only some frames of the video: export a task without a frame step')
    rows = [
        (item.get('label'), box.get('frame'), box, item.get('id'))
        for item in root.iter('track')
        for box in item.iter('box')
        if box.get('outside') != '1'
    ]
    rows += [
        (box.get('label'), item.get('id'), box, str(NO_TRACK))
        for item in root.iter('image')
        for box in item.iter('box')
    ]
    labels = {label for label, *_ in rows}
    kept = {label for label in labels if str(label).lower() in PERSON} or labels
    if len(kept) > 1 and not all(str(label).lower() in PERSON for label in kept):
        raise ValueError(f'{path} has the labels {sorted(map(str, labels))}: call that of people person')
    table = np.array(
        [
            (
                whole_number(frame or '', 0, INT32_MAX, 'frame'),
                *(finite_number(box.get(name, ''), name) for name in CORNERS),
                whole_number(track or '', NO_TRACK, INT32_MAX, 'track'),
            )
            for label, frame, box, track in rows
            if label in kept
        ],
        dtype=np.float64,
    ).reshape(-1, 6)
    return VideoBoxes(table[:, 0], table[:, 1:5], None, table[:, 5])
