"""A contact sheet: one row per person, some columns per camera."""

from collections.abc import Sequence

import numpy as np

from .camera import Camera, Sensor
from .layouts import PlannedImage, cameras, person_images
from .render import render_image
from .spec import LEVELS, SynVISpec

__all__ = ['draw_contact_sheet']

_GAP = 2


def draw_contact_sheet(specs: Sequence[SynVISpec], people: int = 6, columns: int = 6) -> np.ndarray:
    """Draw the first images of a few people directly from the generator, without a set on disk.

    Args:
        specs: The sets, side by side. They must have the same image size.
        people: Number of rows.
        columns: Number of columns per set: its cameras, alternating visible and infrared, then further images if there
            are fewer cameras than columns. A set of tracks shows a walk past a visible camera, then one past an
            infrared one.

    Returns:
        (rows, columns, 3) uint8 RGB.
    """
    rows = []
    for pid in range(1, people + 1):
        images = []
        for spec in specs:
            person = LEVELS[spec.level].draw_person(spec.seed, pid)
            images += [
                render_image(spec.seed, pid, person, image.camera, image.number, spec.size, image.walk)
                for image in _shown(spec, pid, columns)
            ]
        rows.append(_join(images, axis=1))
    return _join(rows, axis=0)


def _shown(spec: SynVISpec, pid: int, columns: int) -> list[PlannedImage]:
    shown = _in_turns(cameras(spec))
    if spec.frames is None:
        return [PlannedImage('', shown[column % len(shown)], column // len(shown)) for column in range(columns)]
    images = [image for image in person_images(spec, pid) if image.number == 0]
    half = columns // 2
    return [
        [image for image in images if image.camera.key == camera.key][column % spec.frames]
        for camera in shown[:2]
        for column in range(half)
    ]


def _in_turns(shown: Sequence[Camera]) -> list[Camera]:
    """Order cameras as visible, infrared, visible, ..., then the remaining ones."""
    visible = [camera for camera in shown if camera.sensor is Sensor.VISIBLE]
    infrared = [camera for camera in shown if camera.sensor is not Sensor.VISIBLE]
    pairs = [camera for pair in zip(visible, infrared) for camera in pair]
    return pairs + visible[len(infrared) :] + infrared[len(visible) :]


def _join(images: list[np.ndarray], axis: int) -> np.ndarray:
    """Concatenate images with a white gap between them."""
    shape = list(images[0].shape)
    shape[axis] = _GAP
    gap = np.full(shape, 255, np.uint8)
    return np.concatenate([piece for image in images for piece in (image, gap)][:-1], axis=axis)
