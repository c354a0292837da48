"""The light that reaches a camera: reflected by day, by an infrared lamp, or emitted by the warm body itself."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from .camera import Camera, Sensor
from .canvas import Region, Surface
from .identity import Identity
from .materials import Part, second_colour, sensor_tables
from .occluder import Occluder
from .pose import View

__all__ = ['Shot', 'emitted_light', 'reflected_light']

_GROUND_VISIBLE, _GROUND_NIR = 0.9, 0.45  # light on the background: the lamp of an infrared camera falls off towards it
_OCCLUDER = 0.85
_CONTACT, _CONTACT_NIR = 0.5, 0.25  # darkness under the feet


class Shot(NamedTuple):
    """The geometry and materials of one image, before lighting.

    Attributes:
        person, camera, view: Who is seen, by which camera, from where.
        surface: The painted body.
        azimuth: (H, W) angle about the body axis, see :func:`~.paint.body_azimuth`.
        body: (H, W) bool, the pixels of the person.
        background: (H, W, 3) reflectance of the scene.
        occluder: What stands in front, or None.
    """

    person: Identity
    camera: Camera
    view: View
    surface: Surface
    azimuth: np.ndarray
    body: np.ndarray
    background: np.ndarray
    occluder: Occluder | None


def reflected_light(shot: Shot, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) light that a visible or a near-infrared camera receives; in near-infrared the channels are equal."""
    visible = shot.camera.sensor is Sensor.VISIBLE
    tones = _second_tones(shot)
    if visible:
        albedo = sensor_tables(shot.person.materials)[0][shot.surface.part, tones]  # (H, W, 3)
        light, ground = _daylight(shot, rng), _GROUND_VISIBLE * (1 - _cast_shadow(shot))
    else:
        albedo = sensor_tables(shot.person.materials)[1][shot.surface.part, tones][..., None]  # (H, W, 1)
        light, ground = 0.25 + 0.75 * shot.surface.normal[2], _GROUND_NIR * (1 - _CONTACT_NIR * _contact_shadow(shot))
    albedo = np.where(shot.body[..., None], albedo, shot.background)
    light = np.where(shot.body, light, ground)
    if shot.occluder is not None:
        albedo = np.where(shot.occluder.mask[..., None], shot.occluder.albedo, albedo)
        light = np.where(shot.occluder.mask, _OCCLUDER, light)
    if not visible:
        light = light * _hot_spot(*light.shape, shot.camera.hot_spot)
    return albedo * light[..., None].astype(np.float32)


def emitted_light(shot: Shot, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 1) temperature that a thermal camera sees. Nothing is reflected: no patterns and no shadows."""
    surface = shot.surface
    warmth = sensor_tables(shot.person.materials)[2][surface.part]  # (H, W)
    chest = 0.06 * ((surface.region == Region.TORSO) & (surface.axial < 0.4))
    ambient = shot.camera.warmth + rng.normal(0, 0.04)
    heat = ambient + (1 - ambient) * (warmth + chest) * (0.8 + 0.2 * surface.normal[2])
    heat = np.where(shot.body, heat, ambient + 0.12 * (shot.background.mean(2) - 0.4))
    if shot.occluder is not None:
        heat = np.where(shot.occluder.mask, ambient + 0.10 * (shot.occluder.albedo[..., 0] - 0.3), heat)
    return heat.astype(np.float32)[..., None]


def _second_tones(shot: Shot) -> np.ndarray:
    """(H, W) uint8: 1 where a patterned garment shows its second tone."""
    surface = shot.surface
    tones = np.zeros(surface.part.shape, np.uint8)
    for part in (Part.UPPER, Part.LOWER, Part.BAG):
        where = np.nonzero(surface.part == part)
        torso = surface.region[where] == Region.TORSO
        tones[where] = second_colour(shot.person.materials[part], shot.azimuth[where], surface.axial[where], torso)
    return tones


def _daylight(shot: Shot, rng: np.random.Generator) -> np.ndarray:
    """(H, W) brightness of the body: undirected light and a lamp from one side, above and in front."""
    side, front = shot.camera.light + rng.normal(0, 0.15, 2)
    right, down, toward = shot.surface.normal
    direct = 0.75 * toward + 0.6 * side * right - 0.35 * down + 0.2 * front
    return shot.camera.ambient + (1 - shot.camera.ambient) * np.clip(direct, 0, 1.3)


def _contact_shadow(shot: Shot) -> np.ndarray:
    """(H, W) soft spot under the feet, 0 to 1: the only visible shadow when the lamp is beside the lens."""
    view = shot.view
    spot = np.zeros(shot.body.shape, np.float32)
    axes = (max(2, int(view.scale * 0.13)), max(1, int(view.scale * (0.015 + 0.10 * math.sin(view.pitch)))))
    cv2.ellipse(spot, (int(view.x), int(view.foot - axes[1] * 0.3)), axes, 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(spot, (0, 0), max(1.0, view.scale * 0.02))


def _cast_shadow(shot: Shot) -> np.ndarray:
    """(H, W) darkness of the ground: the contact spot and the silhouette, sheared onto the floor."""
    sideways, backward, darkness = shot.camera.shadow
    foot, flat = shot.view.foot, backward + 0.5 * math.sin(shot.view.pitch)
    shear = np.array([[1, -sideways, sideways * foot], [0, flat, (1 - flat) * foot]], np.float32)
    cast = cv2.warpAffine(shot.body.astype(np.float32), shear, shot.body.shape[::-1])
    cast = cv2.GaussianBlur(cast, (0, 0), max(1.0, shot.view.scale * 0.015))
    return np.maximum(_CONTACT * _contact_shadow(shot), np.float32(darkness) * cast)


def _hot_spot(height: int, width: int, strength: float) -> np.ndarray:
    """(H, W) illumination by a lamp at the lens."""
    rows = ((np.arange(height, dtype=np.float32) / height - 0.4) / 0.7)[:, None] ** 2  # (H, 1)
    columns = ((np.arange(width, dtype=np.float32) / width - 0.5) / 0.6)[None] ** 2  # (1, W)
    return np.exp(-(rows + columns)) * strength + (1 - strength)
