"""The random streams of SynVI: every draw is keyed by what it describes, so images can be made in any order."""

from enum import IntEnum

import numpy as np

__all__ = ['Stream', 'random_stream']


class Stream(IntEnum):
    """What a stream describes; the keys that follow are in brackets."""

    IDENTITY = 1  # [person]
    IMAGE = 2  # [person, camera, image]
    PLACE = 3  # [place]
    PLACE_INFRARED = 4  # [place]
    CAMERA = 5  # [camera]
    FILE_NAME = 6  # [person, camera]
    FOLD = 7  # [fold]
    PRESENCE = 8  # [person, camera]
    SPLIT = 9  # []
    ORDER = 10  # []
    WALK = 11  # [person, camera or housing, walk]
    STEP = 12  # [person, camera or housing, walk, frame]
    FRAME = 13  # [person, camera, walk, frame]
    OCCLUDER = 14  # [person, camera or housing, walk]
    QUERY = 15  # [person]


def random_stream(seed: int, stream: Stream, *keys: int) -> np.random.Generator:
    """The generator of one thing, independent of all others."""
    return np.random.default_rng([seed, int(stream), *keys])
