"""Rendering: from a person and a camera to an image."""

import numpy as np

from .body import add_arms, add_bag, add_legs, add_trunk
from .camera import Camera, Sensor
from .canvas import rasterise
from .figure import Figure
from .head import add_head
from .identity import Identity
from .image_draw import SUPERSAMPLING, Walk, draw_image
from .light import Shot, emitted_light, reflected_light
from .occluder import draw_occluder
from .paint import body_azimuth, paint_details
from .sensor import expose

__all__ = ['render_image']

_BODY_PARTS = (add_legs, add_trunk, add_arms, add_head, add_bag)


def render_image(
    seed: int,
    pid: int,
    person: Identity,
    camera: Camera,
    number: int,
    size: tuple[int, int],
    walk: Walk | None = None,
) -> np.ndarray:
    """Render image ``number`` of a person in a camera, or a frame of walk ``number``.

    Args:
        seed: Seed of the set.
        pid: The person's number.
        person: The result of :func:`~.identity.draw_identity` for ``seed`` and ``pid``.
        camera: The camera.
        number: 0 for the first image. Each image has its own random stream.
        size: Image (height, width) in pixels.
        walk: Which frame of the walk. None renders a moment by itself.

    Returns:
        (H, W, 3) uint8 RGB; the channels are equal in infrared.
    """
    background, view, pose, occluder_rng, rng = draw_image(seed, pid, person, camera, number, size, walk)
    height, width = background.shape[:2]
    figure = Figure(person, pose, view)
    for add_part in _BODY_PARTS:
        add_part(figure)
    surface = rasterise(figure.limbs, height, width)
    azimuth = body_azimuth(surface, view.yaw)
    paint_details(surface, azimuth, person)
    body = surface.part > 0
    occluder = None if occluder_rng is None else draw_occluder(body, camera.sensor, occluder_rng)
    shot = Shot(person, camera, view, surface, azimuth, body, background, occluder)
    light = emitted_light(shot, rng) if camera.sensor is Sensor.THERMAL else reflected_light(shot, rng)
    return expose(light, camera, size, SUPERSAMPLING, rng)
