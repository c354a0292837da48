"""Things that stand between the camera and the person: a railing, a bush, a car, a pole, a bin."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from .camera import Sensor
from .materials import PALETTE

__all__ = ['MAX_HIDDEN', 'Occluder', 'draw_occluder']

MAX_HIDDEN = 0.30
"""Largest share of the body that an occluder hides."""


class Occluder(NamedTuple):
    """An occluder in front of the person.

    Attributes:
        mask: (H, W) bool, where it stands.
        albedo: (H, W, 3) linear reflectance; the channels are equal in infrared.
    """

    mask: np.ndarray
    albedo: np.ndarray


def draw_occluder(body: np.ndarray, sensor: Sensor, rng: np.random.Generator) -> Occluder:
    """Draw an occluder and shift it until it hides at most :data:`MAX_HIDDEN` of the body.

    Args:
        body: (H, W) bool, the pixels of the person.
        sensor: Decides between colours and infrared reflectances.
        rng: The image's generator, because an occluder must not depend on the person.
    """
    height, width = body.shape
    kind = _KINDS[rng.integers(len(_KINDS))]
    side = int(rng.choice([-1, 1]))
    labels = kind(rng, height, width)
    if side < 0:
        labels = np.ascontiguousarray(labels[:, ::-1])
    tones = _draw_tones(kind, sensor, rng)
    grain = 1 + 0.10 * rng.standard_normal((height, width, 1)).astype(np.float32)
    step = max(1, width // 16)
    while (body & (labels > 0)).sum() > MAX_HIDDEN * body.sum():
        labels = _move(labels, step * side, step // 2)
    return Occluder(labels > 0, np.clip(tones[labels] * grain, 0.01, 1))


def _move(labels: np.ndarray, right: int, down: int) -> np.ndarray:
    """Shift a label map and fill the vacated area with zeros."""
    shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return cv2.warpAffine(labels, shift, labels.shape[::-1], flags=cv2.INTER_NEAREST)


# Each kind paints labels (0: nothing, 1-4: its tones) for an occluder at the bottom or on the right.


def _railing(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    top, bar = int(height * rng.uniform(0.62, 0.80)), max(1, round(width * 0.022))
    for x in np.arange(rng.uniform(0, 0.15), 1, rng.uniform(0.10, 0.16)) * width:
        cv2.rectangle(labels, (int(x), top), (int(x) + bar, height), 1, -1)
        cv2.rectangle(labels, (int(x), top), (int(x), height), 2, -1)
    cv2.rectangle(labels, (0, top), (width, top + 2 * bar), 1, -1)
    cv2.rectangle(labels, (0, top), (width, top + bar // 2), 2, -1)
    return labels


def _bush(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    reach, tall = rng.uniform(0.35, 0.65), rng.uniform(0.18, 0.38)
    for tone in (1, 2, 1, 3, 2):  # dark leaves behind bright ones
        for _ in range(45):
            x = 1 - reach * rng.random()
            y = 1 - tall * rng.random() * (1 - 0.5 * ((1 - x) / reach) ** 2)
            leaf = max(1, int(width * rng.uniform(0.015, 0.055)))
            cv2.circle(labels, (int(x * width), int(y * height)), leaf, tone, -1)
    return labels


def _car(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    nose, bonnet = int(width * rng.uniform(0.35, 0.6)), int(height * rng.uniform(0.76, 0.86))
    roof, far = bonnet - int(height * 0.13), 2 * width
    cabin = [(nose + width // 4, bonnet), (nose + width // 2, roof), (far, roof), (far, bonnet)]
    body = [
        (nose, bonnet + height // 40),
        (nose + width // 12, bonnet),
        (far, bonnet - height // 60),
        (far, height),
        (nose, height),
    ]
    cv2.fillPoly(labels, [np.array(cabin, np.int32)], 3)
    cv2.fillPoly(labels, [np.array(body, np.int32)], 1)
    cv2.rectangle(labels, (nose, bonnet + height // 25), (nose + width // 14, bonnet + height // 16), 4, -1)
    cv2.circle(labels, (nose + width // 3, height), int(height * 0.075), 3, -1)
    return labels


def _pole(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    x, wide = int(width * rng.uniform(0.55, 0.8)), max(2, int(width * rng.uniform(0.06, 0.12)))
    cv2.rectangle(labels, (x, 0), (x + wide, height), 1, -1)
    cv2.rectangle(labels, (x + wide // 5, 0), (x + wide // 2, height), 2, -1)
    if rng.random() < 0.5:  # a sticker or a small sign
        y = int(height * rng.uniform(0.2, 0.6))
        cv2.rectangle(labels, (x, y), (x + wide, y + int(height * 0.07)), 4, -1)
    return labels


def _bin(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    labels = np.zeros((height, width), np.uint8)
    x, wide = int(width * rng.uniform(0.5, 0.75)), int(width * rng.uniform(0.25, 0.4))
    top = int(height * rng.uniform(0.72, 0.82))
    cv2.rectangle(labels, (x, top), (x + wide, height), 1, -1)
    cv2.rectangle(labels, (x + wide // 6, top), (x + wide // 3, height), 2, -1)
    cv2.rectangle(labels, (x - 1, top), (x + wide + 1, top + max(1, height // 40)), 3, -1)
    return labels


_KINDS = (_railing, _bush, _car, _pole, _bin)


def _draw_tones(kind: Callable, sensor: Sensor, rng: np.random.Generator) -> np.ndarray:
    """(5, 3) tones of the labels: base, light, dark, accent."""
    colour = PALETTE[rng.integers(len(PALETTE))] * 0.7 + 0.04
    if kind is _bush:
        colour = np.array([0.10, 0.24, 0.05]) * rng.uniform(0.6, 1.5)
    if sensor is not Sensor.VISIBLE:  # leaves are bright in the near-infrared
        colour = np.full(3, rng.uniform(0.45, 0.7) if kind is _bush else rng.uniform(0.08, 0.7))
    return np.clip([colour * 0, colour, colour * 1.5, colour * 0.35, colour * 0.2 + 0.5], 0, 1).astype(np.float32)
