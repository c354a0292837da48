"""The spectrum of an image."""

from enum import IntEnum

__all__ = ['Modality']


class Modality(IntEnum):
    """The spectrum of an image. Near-infrared and thermal are both ``INFRARED``."""

    VISIBLE = 0
    INFRARED = 1
