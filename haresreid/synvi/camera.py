"""The cameras of SynVI: one draw of optics, light and viewpoint for each, shared by all its images."""

from enum import Enum
from typing import NamedTuple

import numpy as np

from .spec import LEVELS
from .streams import Stream, random_stream

__all__ = ['Camera', 'Sensor', 'draw_camera']


class Sensor(Enum):
    """The kind of light that a camera measures."""

    VISIBLE = 'visible'
    NIR = 'nir'  # reflected light of an illuminator beside the lens
    THERMAL = 'thermal'  # emitted long-wave radiation


class Camera(NamedTuple):
    """One camera.

    Attributes:
        key: Number that seeds the camera and its images.
        sensor: What it measures.
        place: What it looks at; two cameras may share a place.
        low_light: Whether the scene is darker than the camera's gain can lift.
        pitch: Downward tilt in rad.
        yaw: Base direction of the people in rad.
        views, view_probs: Directions relative to ``yaw``, see :class:`~.spec.Level`.
        exposure: Mean linear image level that the automatic gain aims at.
        gamma: Exponent of the display curve.
        white_balance: (3,) RGB gains.
        saturation: Colour saturation.
        ambient: Share of undirected light.
        light: (2,) direction of the rest: from the right, from the front.
        shadow: (3,) cast shadow: sideways and backward length in body heights, darkness.
        hot_spot: How much an infrared illuminator falls off towards the image border.
        warmth: Ambient temperature seen by a thermal camera.
        blur: Optical blur in output pixels.
        noise: Standard deviation of the sensor noise.
        occlusion: Probability of an occluder.
        resolution: Effective resolution as a fraction of the image size.
        jpeg_quality: Compression of the files.
    """

    key: int
    sensor: Sensor
    place: int
    low_light: bool
    pitch: float
    yaw: float
    views: tuple[float, ...]
    view_probs: tuple[float, ...]
    exposure: float
    gamma: float
    white_balance: np.ndarray
    saturation: float
    ambient: float
    light: np.ndarray
    shadow: np.ndarray
    hot_spot: float
    warmth: float
    blur: float
    noise: float
    occlusion: float
    resolution: float
    jpeg_quality: int


def draw_camera(seed: int, key: int, sensor: Sensor, place: int, level: str, low_light: bool = False) -> Camera:
    """Draw the camera number ``key`` of a set."""
    rng = random_stream(seed, Stream.CAMERA, key)
    rules = LEVELS[level]
    side = rng.choice([-1, 1])
    return Camera(
        key=key,
        sensor=sensor,
        place=place,
        low_light=low_light,
        pitch=rng.uniform(0, 0.45),
        yaw=rng.uniform(0, 2 * np.pi) if rules.camera_yaw is None else rng.normal(0, rules.camera_yaw),
        views=rules.views,
        view_probs=rules.view_probs,
        exposure=rng.uniform(0.16, 0.25) * (0.35 if low_light else 1),
        gamma=rng.uniform(0.42, 0.52),
        white_balance=(rng.uniform(0.9, 1.125, 3) * ([1.15, 1.0, 0.8] if low_light else 1)).astype(np.float32),
        saturation=rng.uniform(0.65, 1.1),
        ambient=rng.uniform(0.3, 0.65),
        light=np.array([side * rng.uniform(0.2, 1.0), rng.uniform(-0.2, 0.6)]),
        shadow=np.array([-side * rng.uniform(0.25, 0.9), rng.uniform(0.05, 0.30), rng.uniform(0.40, 0.65)]),
        hot_spot=rng.uniform(0.1, 0.6),
        warmth=rng.uniform(0.1, 0.4),
        blur=rng.uniform(0.3, 1.0) * rules.blur,
        noise=rng.uniform(0.006, 0.022) * rules.noise * (1.8 if low_light else 1),
        occlusion=rng.uniform(0.03, 0.2) * rules.occlusion,
        resolution=rng.uniform(rules.resolution, 1),
        jpeg_quality=int(rng.integers(60, 96)),
    )
