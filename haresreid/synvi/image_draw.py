"""What happens in an image before anything is painted: a moment by itself, or one of a walk through a camera's view."""

import math
from typing import NamedTuple

import numpy as np

from .camera import Camera
from .identity import Identity
from .pose import Pose, View, draw_habit, draw_pose, pose_at
from .scene import scene_window
from .streams import Stream, random_stream

__all__ = ['SUPERSAMPLING', 'ImageDraw', 'Walk', 'draw_image']

SUPERSAMPLING = 1.5
"""How much larger than the image everything is painted."""

_TURN = 0.25  # rad, standard deviation of the change of direction during a walk
_STEPS = (5.0, 8.0)  # frames of a cycle of the gait
_CROSSED = (0.6, 1.4)  # image widths that somebody crosses who walks sideways
_NEARER = 0.15  # growth of somebody who walks towards the camera
_JITTER = 0.015  # of the person detector from frame to frame, as a fraction of the image
_HIDDEN = 0.4  # share of a walk that an occluder covers


class Walk(NamedTuple):
    """The walk that an image is a frame of.

    Attributes:
        key: Number that seeds the walk beside person and number. Two cameras of one housing share it, and thus see the
            same walk.
        frame: Number of the frame, from 0.
        frames: How many frames the walk has.
    """

    key: int
    frame: int
    frames: int

    @property
    def time(self) -> float:
        """From 0 in the first frame to 1 in the last."""
        return self.frame / max(1, self.frames - 1)


class ImageDraw(NamedTuple):
    """What the streams decide before anything is painted.

    Attributes:
        background: (H, W, 3) linear reflectance behind the person.
        view: How the camera sees the person.
        pose: The phase of the walk.
        occluder: Draws what stands before the person; None if nothing does.
        rng: Draws everything that follows: light, optics and noise.
    """

    background: np.ndarray
    view: View
    pose: Pose
    occluder: np.random.Generator | None
    rng: np.random.Generator


def draw_image(
    seed: int,
    pid: int,
    person: Identity,
    camera: Camera,
    number: int,
    size: tuple[int, int],
    walk: Walk | None = None,
) -> ImageDraw:
    """Draw what happens in an image; args as of :func:`~.render.render_image`."""
    height, width = (round(length * SUPERSAMPLING) for length in size)
    if walk is not None:
        return _draw_frame(seed, pid, person, camera, number, height, width, walk)
    rng = random_stream(seed, Stream.IMAGE, pid, camera.key, number)
    background = scene_window(seed, camera, height, width, rng)
    view = _draw_view(camera, height, width, rng)
    pose = draw_pose(person, rng)
    return ImageDraw(background, view, pose, rng if rng.random() < camera.occlusion else None, rng)


def _draw_frame(
    seed: int, pid: int, person: Identity, camera: Camera, number: int, height: int, width: int, walk: Walk
) -> ImageDraw:
    """Draw the walk anew, always the same, and look at it at the time of the frame."""
    rng = random_stream(seed, Stream.WALK, pid, walk.key, number)
    start, turn = _draw_view(camera, height, width, rng), rng.normal(0, _TURN)
    crossed, cadence = rng.uniform(*_CROSSED), 2 * np.pi / rng.uniform(*_STEPS)
    phase, habit = rng.uniform(0, 2 * np.pi), draw_habit(person, rng)
    hidden, hidden_at = rng.random() < camera.occlusion, rng.random()
    travel = crossed * width * math.sin(start.yaw)  # the window follows the person
    background = scene_window(seed, camera, height, width, rng, travel, walk.time)

    jitter = random_stream(seed, Stream.STEP, pid, walk.key, number, walk.frame).normal(0, _JITTER, 3)
    foot = min(start.foot + height * jitter[0], 0.99 * height)
    nearer = 1 + _NEARER * math.cos(start.yaw) * (walk.time - 0.5) + jitter[1]
    view = start._replace(
        yaw=start.yaw + turn * (walk.time - 0.5),
        x=start.x + width * jitter[2],
        foot=foot,
        scale=min(start.scale * nearer, foot / _reach(start.pitch)),
    )
    pose = pose_at(person, phase + cadence * walk.frame, 1.0, habit)
    stands_before = hidden and abs(walk.time - hidden_at) < _HIDDEN / 2
    occluder = random_stream(seed, Stream.OCCLUDER, pid, walk.key, number) if stands_before else None
    return ImageDraw(
        background, view, pose, occluder, random_stream(seed, Stream.FRAME, pid, camera.key, number, walk.frame)
    )


def _draw_view(camera: Camera, height: int, width: int, rng: np.random.Generator) -> View:
    """Draw the viewpoint and the jitter of a person detector."""
    yaw = camera.yaw + camera.views[rng.choice(len(camera.views), p=camera.view_probs)] + rng.normal(0, 0.3)
    pitch = max(0.0, camera.pitch + rng.normal(0, 0.03))
    foot = height * (1 - rng.uniform(0.01, 0.09))
    scale = foot * rng.uniform(0.78, 1) / _reach(pitch)
    return View(yaw, pitch, width * (0.5 + rng.normal(0, 0.05)), foot, scale)


def _reach(pitch: float) -> float:
    """How far above the foot a body reaches in the image, in body heights, hat included."""
    return math.cos(pitch) * 1.02 + 0.06
