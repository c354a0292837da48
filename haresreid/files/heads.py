"""Pictures of people whose heads are blurred, if the user chooses so."""

import os

import numpy as np
from PIL import Image

__all__ = ['CHOICE', 'blur_head', 'shown']

CHOICE = 'HARESREID_BLUR_HEADS'  # in the environment: it holds for every picture that any command writes
SHARE = 0.3  # of a box, from the top; a head takes an eighth of a standing person, and boxes have margins
PATCHES = (3, 3)  # that are left of it: too few for a face


def shown(pixels: np.ndarray) -> np.ndarray:
    """What may be shown of a person: with a blurred head if the environment has ``HARESREID_BLUR_HEADS=1``.

    Args:
        pixels (np.ndarray): (H, W, 3) uint8 RGB, the box of one person, upright.
    """
    return blur_head(pixels) if os.environ.get(CHOICE, '0') not in ('', '0') else pixels


def blur_head(pixels: np.ndarray) -> np.ndarray:
    """Blur the upper three tenths of a box: a copy in which nine colours are left of it.

    No face is sought. The head of a person who bends or sits, or of another one in the box, may lie below.
    """
    height = max(1, round(SHARE * len(pixels)))
    head = Image.fromarray(pixels[:height])
    small = head.resize(PATCHES, Image.Resampling.BOX)
    blurred = pixels.copy()
    blurred[:height] = np.asarray(small.resize(head.size, Image.Resampling.BILINEAR))
    return blurred
