"""Rendering: from a person and a camera to an image."""

import math
from typing import NamedTuple

import numpy as np

from .body import add_arms, add_bag, add_legs, add_trunk
from .camera import Camera, Sensor
from .canvas import rasterise
from .figure import Figure
from .head import add_head
from .identity import Identity
from .light import Shot, emitted_light, reflected_light
from .occluder import draw_occluder
from .paint import body_azimuth, paint_details
from .pose import Pose, View, draw_pose
from .scene import scene_window
from .sensor import expose
from .streams import Stream, random_stream

__all__ = ['ImageDraw', 'draw_image', 'render_image']

_SUPERSAMPLING = 1.5
_BODY_PARTS = (add_legs, add_trunk, add_arms, add_head, add_bag)


class ImageDraw(NamedTuple):
    """What an image's stream decides before anything is painted.

    Attributes:
        background: (H, W, 3) linear reflectance behind the person.
        view: How the camera sees the person.
        pose: The phase of the walk.
        occluded: Whether something stands before the person.
    """

    background: np.ndarray
    view: View
    pose: Pose
    occluded: bool


def draw_image(
    seed: int, pid: int, person: Identity, camera: Camera, number: int, size: tuple[int, int]
) -> tuple[ImageDraw, np.random.Generator]:
    """Draw what happens in an image; args as of :func:`render_image`. What is painted goes on with the generator."""
    rng = random_stream(seed, Stream.IMAGE, pid, camera.key, number)
    height, width = (round(length * _SUPERSAMPLING) for length in size)
    background = scene_window(seed, camera, height, width, rng)
    view = _draw_view(camera, height, width, rng)
    return ImageDraw(background, view, draw_pose(person, rng), bool(rng.random() < camera.occlusion)), rng


def render_image(
    seed: int, pid: int, person: Identity, camera: Camera, number: int, size: tuple[int, int]
) -> np.ndarray:
    """Render image ``number`` of a person in a camera.

    Args:
        seed: Seed of the set.
        pid: The person's number.
        person: The result of :func:`~.identity.draw_identity` for ``seed`` and ``pid``.
        camera: The camera.
        number: 0 for the first image. Each image has its own random stream.
        size: Image (height, width) in pixels.

    Returns:
        (H, W, 3) uint8 RGB; the channels are equal in infrared.
    """
    (background, view, pose, occluded), rng = draw_image(seed, pid, person, camera, number, size)
    height, width = background.shape[:2]
    figure = Figure(person, pose, view)
    for add_part in _BODY_PARTS:
        add_part(figure)
    surface = rasterise(figure.limbs, height, width)
    azimuth = body_azimuth(surface, view.yaw)
    paint_details(surface, azimuth, person)
    body = surface.part > 0
    occluder = draw_occluder(body, camera.sensor, rng) if occluded else None
    shot = Shot(person, camera, view, surface, azimuth, body, background, occluder)
    light = emitted_light(shot, rng) if camera.sensor is Sensor.THERMAL else reflected_light(shot, rng)
    return expose(light, camera, size, _SUPERSAMPLING, rng)


def _draw_view(camera: Camera, height: int, width: int, rng: np.random.Generator) -> View:
    """Draw the viewpoint and the jitter of a person detector."""
    yaw = camera.yaw + camera.views[rng.choice(len(camera.views), p=camera.view_probs)] + rng.normal(0, 0.3)
    pitch = max(0.0, camera.pitch + rng.normal(0, 0.03))
    foot = height * (1 - rng.uniform(0.01, 0.09))
    scale = foot * rng.uniform(0.78, 1) / (math.cos(pitch) * 1.02 + 0.06)
    return View(yaw, pitch, width * (0.5 + rng.normal(0, 0.05)), foot, scale)
