"""The places that the cameras look at: a wall above a floor, with windows, doors, posters and poles."""

from functools import lru_cache

import cv2
import numpy as np

from .camera import Camera, Sensor
from .materials import PALETTE
from .streams import Stream, random_stream

__all__ = ['scene_window']

_NUM_TONES = 24
_FLOOR, _JOINT, _WALL, _SKIRTING = range(4)  # labels; the rest are objects


def scene_window(
    seed: int,
    camera: Camera,
    height: int,
    width: int,
    rng: np.random.Generator,
    travel: float = 0.0,
    time: float = 0.0,
) -> np.ndarray:
    """Cut a random window of the camera's scene, with the floor below the wall where a person would stand.

    Args:
        seed: Seed of the set.
        camera: The camera. Two cameras of one place see the same geometry.
        height: Height of the window in pixels.
        width: Width of the window in pixels.
        rng: The image's generator, because the window must not depend on the person.
        travel: How many pixels the window moves to the right during a walk. Defaults to 0.
        time: When it is looked at, from 0 to 1. Defaults to 0.

    Returns:
        (H, W, 3) linear reflectance; the channels are equal in infrared.
    """
    scene = _scene(seed, camera.place, camera.sensor is Sensor.VISIBLE, height, width)
    top = int(height * (1 - rng.uniform(0.45, 0.80)))
    left = int(rng.integers(0, scene.shape[1] - width - int(abs(travel))) + max(0.0, -travel) + time * travel)
    return scene[top : top + height, left : left + width]


@lru_cache(maxsize=32)
def _scene(seed: int, place: int, visible: bool, height: int, width: int) -> np.ndarray:
    """(2H, 4W, 3) reflectance of a place. The floor begins at the row H."""
    rng = random_stream(seed, Stream.PLACE, place)
    labels = _draw_labels(rng, height, width)
    texture = _draw_texture(rng, *labels.shape)
    tones = _draw_tones(rng if visible else random_stream(seed, Stream.PLACE_INFRARED, place), visible)
    return np.clip(tones[labels] * texture[..., None], 0.01, 1)


def _draw_labels(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Paint the place by numbers: (2H, 4W) uint8."""
    labels = np.full((2 * height, 4 * width), _WALL, np.uint8)
    labels[height:] = _FLOOR
    thin = max(1, round(height * 0.012))
    _draw_floor(labels, rng, height, width, thin)
    _draw_facade(labels, rng, height, width, thin)
    cv2.rectangle(labels, (0, height - 3 * thin), (4 * width, height), _SKIRTING, -1)
    for _ in range(6):  # poles, drain pipes and trunks that reach the floor
        x, thickness = int(rng.integers(4 * width)), int(rng.integers(thin, 5 * thin + 1))
        foot = height + int(height * rng.uniform(0, 0.12))
        cv2.rectangle(labels, (x, 0), (x + thickness, foot), int(rng.integers(4, _NUM_TONES)), -1)
    return labels


def _draw_floor(labels: np.ndarray, rng: np.random.Generator, height: int, width: int, thin: int) -> None:
    """Slabs whose joints run towards a vanishing point."""
    slab = rng.uniform(0.15, 0.4)
    for x in np.arange(-2.0, 6.0, slab):
        centre = 2 * width
        cv2.line(
            labels,
            (int(centre + (x * width - centre) * 0.6), height),
            (int(centre + (x * width - centre) * 2), 2 * height),
            _JOINT,
            thin,
        )
    depth = rng.uniform(0.03, 0.07)
    while depth < 1:
        row = height + int(depth * height)
        cv2.line(labels, (0, row), (4 * width, row), _JOINT, thin)
        depth *= 1.5


def _draw_facade(labels: np.ndarray, rng: np.random.Generator, height: int, width: int, thin: int) -> None:
    """Windows or panels in a row, doors, posters, a hedge."""
    x = int(width * rng.uniform(-0.3, 0))
    while x < 4 * width:
        wide = int(width * rng.uniform(0.25, 0.8))
        tone, frame = (int(tone) for tone in rng.integers(4, _NUM_TONES, 2))
        kind = rng.random()
        if kind < 0.35:  # window
            top, bottom = int(height * rng.uniform(0.25, 0.45)), int(height * rng.uniform(0.6, 0.8))
            cv2.rectangle(labels, (x, top), (x + wide, bottom), tone, -1)
            cv2.rectangle(labels, (x, top), (x + wide, bottom), frame, thin)
            cv2.line(labels, (x + wide // 2, top), (x + wide // 2, bottom), frame, thin)
        elif kind < 0.60:  # door
            top = int(height * rng.uniform(0.25, 0.4))
            cv2.rectangle(labels, (x, top), (x + wide, height), frame, -1)
            cv2.rectangle(labels, (x + 2 * thin, top + 2 * thin), (x + wide - 2 * thin, height), tone, -1)
        elif kind < 0.75:  # poster
            top = int(height * rng.uniform(0.3, 0.55))
            cv2.rectangle(labels, (x, top), (x + wide, top + int(height * rng.uniform(0.12, 0.3))), tone, -1)
        elif kind < 0.88:  # hedge
            for _ in range(40):
                leaf = (x + int(rng.integers(wide + 1)), height - int(height * 0.3 * rng.random() ** 0.7))
                cv2.circle(
                    labels,
                    leaf,
                    max(1, int(height * rng.uniform(0.01, 0.035))),
                    tone if rng.random() < 0.6 else frame,
                    -1,
                )
        x += wide + int(width * rng.uniform(0.05, 0.5))


def _draw_texture(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) brightness factor: dirt, grain and slow changes of light."""
    texture = np.ones((rows, columns), np.float32)
    for cell, strength in ((40, 0.12), (8, 0.06), (2, 0.05)):
        noise = rng.standard_normal((max(2, rows // cell), max(2, columns // cell))).astype(np.float32)
        texture += strength * cv2.resize(noise, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return texture


def _draw_tones(rng: np.random.Generator, visible: bool) -> np.ndarray:
    """(tones, 3) reflectances: muted palette colours, or greys that are independent of them."""
    if visible:
        colours = PALETTE[rng.integers(len(PALETTE), size=_NUM_TONES)]  # (tones, 3)
        tones = 0.25 * colours + 0.25 * colours.mean(1, keepdims=True) + rng.uniform(0.05, 0.25, (_NUM_TONES, 1))
    else:
        tones = np.repeat(rng.uniform(0.1, 0.7, (_NUM_TONES, 1)), 3, axis=1)
    tones[_JOINT] = tones[_FLOOR] * 0.7
    tones[_SKIRTING] = tones[_WALL] * 0.55
    return tones.astype(np.float32)
