"""Tracks with their people as lines of JSON, each a message for MQTT or HTTP."""

import json
from base64 import b64encode
from collections.abc import Iterator

import numpy as np

from haresreid.choices import MODALITIES
from haresreid.search.times import to_iso

from .assign import Assignment

__all__ = ['event_lines']


def event_lines(assignment: Assignment) -> Iterator[str]:
    """A line of JSON for each track, by the time at which it begins; unknown values are null.

    ``id`` is the person and ``track`` the smallest id of the track's rows; ``vector`` is its feature, D little-endian
    float16 numbers in base64.

    Args:
        assignment (Assignment): The tracks and their people.
    """
    tracks = assignment.tracks
    for row in np.lexsort((tracks.numbers, tracks.first)).tolist():
        camera, modality, probability = tracks.cameras[row], tracks.modalities[row], assignment.probabilities[row]
        event = dict(
            id=int(assignment.people[row]),
            track=int(tracks.numbers[row]),
            camera=None if camera < 0 else int(camera),
            modality=None if modality < 0 else MODALITIES[modality],
            since=_time(tracks.first[row]),
            until=_time(tracks.last[row]),
            probability=None if np.isnan(probability) else round(float(probability), 4),
            crop=tracks.crops[row] or None,
            vector=b64encode(tracks.features[row].astype('<f2').tobytes()).decode('ascii'),
        )
        yield json.dumps(event) + '\n'


def _time(seconds: float) -> str | None:
    return None if np.isnan(seconds) else to_iso(seconds)
