"""From a person and a camera to an image: the body, the scene, the light and the sensor."""

import math

import cv2
import numpy as np

from .camera import Camera, Sensor
from .canvas import Region, Surface, rasterise
from .figure import build_figure
from .identity import Identity
from .materials import Part, second_colour, sensor_tables
from .occluder import draw_occluder
from .paint import body_azimuth, paint_details
from .pose import View, draw_pose
from .scene import scene_window
from .sensor import expose
from .streams import Stream, random_stream

__all__ = ['render_image']

_SUPERSAMPLING = 1.5
_CONTACT_SHADOW = .5
_FLOOR_NIR = .45  # light of the illuminator that reaches the background


def render_image(seed: int, pid: int, person: Identity, camera: Camera, number: int, size: tuple[int, int]) -> np.ndarray:
    """Render image ``number`` of a person in a camera.

    Args:
        seed: Seed of the set.
        pid: The person's number.
        person: What :func:`~.identity.draw_identity` gave for ``seed`` and ``pid``.
        camera: The camera.
        number: 0 for the first image. Each image is drawn from a stream of its own.
        size: Image (height, width) in pixels.

    Returns:
        (H, W, 3) uint8 RGB; the channels are equal in infrared.
    """
    rng = random_stream(seed, Stream.IMAGE, pid, camera.key, number)
    height, width = (round(length * _SUPERSAMPLING) for length in size)
    background = scene_window(seed, camera, height, width, rng)
    view = _draw_view(camera, height, width, rng)
    surface = rasterise(build_figure(person, draw_pose(person, rng), view), height, width)
    azimuth = body_azimuth(surface, view.yaw)
    paint_details(surface, azimuth, person)
    body = surface.part > 0
    occluder = draw_occluder(body, camera.sensor, rng) if rng.random() < camera.occlusion else None
    if camera.sensor is Sensor.THERMAL:
        image = _emitted(surface, person, camera, background, body, occluder, rng)
    else:
        image = _reflected(surface, azimuth, person, camera, background, body, view, occluder, rng)
    return expose(image, camera, size, _SUPERSAMPLING, rng)


def _draw_view(camera: Camera, height: int, width: int, rng: np.random.Generator) -> View:
    """Viewpoint and the jitter of the person detector."""
    yaw = camera.yaw + camera.views[rng.choice(len(camera.views), p=camera.view_probs)] + rng.normal(0, .3)
    pitch = max(0., camera.pitch + rng.normal(0, .03))
    scale = height * rng.uniform(.84, .98) / (math.cos(pitch) * 1.02 + .06)
    return View(yaw, pitch, width * (.5 + rng.normal(0, .035)), height * (1 - rng.uniform(.01, .07)), scale)


def _tones(surface: Surface, azimuth: np.ndarray, person: Identity, parts: tuple[Part, ...]) -> np.ndarray:
    """(H, W) uint8: 1 where a patterned garment shows its second tone."""
    tones = np.zeros(surface.part.shape, np.uint8)
    for part in parts:
        material = person.materials[part]
        if material.pattern != 'plain':
            where = np.nonzero(surface.part == part)
            tones[where] = second_colour(material, azimuth[where], surface.axial[where], surface.region[where] == Region.TORSO)
    return tones


def _reflected(surface, azimuth, person, camera, background, body, view, occluder, rng) -> np.ndarray:
    """(H, W, 3) light that a visible or a near-infrared camera receives."""
    visible_table, nir_table, _ = sensor_tables(person.materials)
    tones = _tones(surface, azimuth, person, (Part.UPPER, Part.LOWER, Part.BAG))
    visible = camera.sensor is Sensor.VISIBLE
    if visible:
        albedo = visible_table[surface.part, tones]
        light = camera.light + rng.normal(0, .15, 2)
        direct = .75 * surface.normal[2] + .6 * light[0] * surface.normal[0] - .35 * surface.normal[1] + .2 * light[1]
        shading = camera.ambient + (1 - camera.ambient) * np.clip(direct, 0, 1.3)
        ground = np.float32(.9)
    else:
        albedo = np.repeat(nir_table[surface.part, tones][..., None], 3, axis=2)
        shading = .25 + .75 * surface.normal[2]
        ground = np.float32(_FLOOR_NIR)
    ground = ground * (1 - _shadow(body, camera, view))
    image = np.where(body[..., None], albedo, background)
    light = np.where(body, shading, ground)
    if occluder is not None:
        image = np.where(occluder.mask[..., None], occluder.albedo, image)
        light = np.where(occluder.mask, np.float32(.85), light)
    if not visible:
        light = light * _hot_spot(*body.shape, camera.hot_spot)
    return image * light[..., None].astype(np.float32)


def _shadow(body: np.ndarray, camera: Camera, view: View) -> np.ndarray:
    """(H, W) darkness of the ground: the contact of the feet and, in visible light, the body laid onto the floor."""
    height, width = body.shape
    contact = np.zeros((height, width), np.float32)
    axes = (max(2, int(view.scale * .13)), max(1, int(view.scale * (.015 + .10 * math.sin(view.pitch)))))
    cv2.ellipse(contact, (int(view.x), int(view.foot - axes[1] * .3)), axes, 0, 0, 360, 1., -1)
    contact = cv2.GaussianBlur(contact, (0, 0), max(1., view.scale * .02))
    if camera.sensor is not Sensor.VISIBLE:  # the illuminator sits beside the lens: its shadow hides behind the body
        return contact * np.float32(.5 * _CONTACT_SHADOW)
    sideways, backward, darkness = camera.shadow
    flat = backward + .5 * math.sin(view.pitch)
    shear = np.array([[1, -sideways, sideways * view.foot], [0, flat, (1 - flat) * view.foot]], np.float32)
    cast = cv2.warpAffine(body.astype(np.float32), shear, (width, height))
    cast = cv2.GaussianBlur(cast, (0, 0), max(1., view.scale * .015))
    return np.maximum(contact * np.float32(_CONTACT_SHADOW), cast * np.float32(darkness))


def _hot_spot(height: int, width: int, strength: float) -> np.ndarray:
    """(H, W) illumination by a lamp at the lens."""
    rows = ((np.arange(height, dtype=np.float32) / height - .4) / .7)[:, None]**2
    columns = ((np.arange(width, dtype=np.float32) / width - .5) / .6)[None]**2
    return np.exp(-(rows + columns)) * strength + (1 - strength)


def _emitted(surface, person, camera, background, body, occluder, rng) -> np.ndarray:
    """(H, W, 1) temperature that a thermal camera sees: no reflected light, so no patterns and no shadows."""
    warmth = sensor_tables(person.materials)[2][surface.part]
    ambient = camera.warmth + rng.normal(0, .04)
    chest = .06 * ((surface.region == Region.TORSO) & (surface.axial < .4))
    heat = ambient + (1 - ambient) * (warmth + chest) * (.8 + .2 * surface.normal[2])
    image = np.where(body, heat, ambient + .12 * (background.mean(2) - .4))
    if occluder is not None:
        image = np.where(occluder.mask, ambient + .10 * (occluder.albedo[..., 0] - .3), image)
    return image.astype(np.float32)[..., None]
