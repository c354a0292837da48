"""Where the body is in one image: the view of the camera and the joints of the gait."""

import math
from typing import NamedTuple

import numpy as np

from .identity import Identity

__all__ = ['Point', 'Pose', 'View', 'draw_habit', 'draw_pose', 'pose_at']

Point = tuple[float, float, float]
"""Position in body heights: to the side, up from the ground, forward."""

_HABIT = 0.7  # share of images in which the arm habit shows
_WALKING = 0.85  # share of images in which the person walks
_UPPER_ARM, _FOREARM = 0.165, 0.15


class View(NamedTuple):
    """How the camera sees a person: orthographic, with a little perspective in depth.

    Attributes:
        yaw: Direction of the person in rad; at 0 it faces the camera.
        pitch: Downward tilt of the camera in rad.
        x, foot: Pixel position of the body axis on the ground.
        scale: Pixels of a body height.
    """

    yaw: float
    pitch: float
    x: float
    foot: float
    scale: float

    def project(self, point: Point) -> tuple[tuple[float, float], float, float]:
        """Pixel position, depth (nearer is larger), and pixels per body height at that depth."""
        side, up, forward = point
        across = side * math.cos(self.yaw) + forward * math.sin(self.yaw)
        toward = -side * math.sin(self.yaw) + forward * math.cos(self.yaw)
        depth = toward * math.cos(self.pitch) + up * math.sin(self.pitch)
        scale = self.scale * (1 + 0.12 * (depth - 0.3 * math.sin(self.pitch)))
        drop = up * math.cos(self.pitch) - toward * math.sin(self.pitch)
        return (self.x + across * scale, self.foot - drop * scale), depth, scale

    def half_width(self, side: float, depth: float) -> float:
        """Apparent half width of an ellipse with these half axes."""
        return math.hypot(side * math.cos(self.yaw), depth * math.sin(self.yaw))


class Pose(NamedTuple):
    """Joints of one image; the pairs are keyed by side, -1 and 1."""

    hips: dict[int, Point]
    knees: dict[int, Point]
    ankles: dict[int, Point]
    shoulders: dict[int, Point]
    elbows: dict[int, Point]
    wrists: dict[int, Point]
    shoulder_height: float


def draw_pose(person: Identity, rng: np.random.Generator) -> Pose:
    """Draw a random phase of the walk and place the joints accordingly."""
    phase = rng.uniform(0, 2 * np.pi)
    return pose_at(person, phase, float(rng.random() < _WALKING), draw_habit(person, rng))


def draw_habit(person: Identity, rng: np.random.Generator) -> str:
    """Draw whether the arm habit shows; the position of the arm."""
    return person.arm if rng.random() < _HABIT else 'down'


def pose_at(person: Identity, phase: float, walking: float, habit: str) -> Pose:
    """Place the joints.

    Args:
        person: Whose gait it is.
        phase: Of the walk in rad; a cycle is two steps.
        walking: 1, or 0 of somebody who stands.
        habit: Position of the arm, see :class:`~.identity.Identity`.
    """
    height = 0.815 - person.stoop
    hips, knees, ankles, shoulders, elbows, wrists = {}, {}, {}, {}, {}, {}
    for side in (-1, 1):
        step = phase if side > 0 else phase + math.pi
        thigh = person.stride * math.sin(step) * walking + 0.02
        bend = max(0.0, 0.9 * person.stride * math.sin(step - 1.2)) * walking
        hips[side] = (side * person.hip * 0.58, person.leg, 0.0)
        knees[side] = _swing(hips[side], person.leg * 0.5, thigh)
        ankles[side] = _swing(knees[side], person.leg * 0.46, thigh - bend)
        reach, elbow = _arm_angles(person, habit, side, step + math.pi, walking)
        shoulders[side] = (side * person.shoulder * 0.90, height - 0.042, person.lean * 0.6)
        x, y, z = _swing(shoulders[side], _UPPER_ARM, reach)
        elbows[side] = (x + side * 0.02, y, z)
        x, y, z = _swing(elbows[side], _FOREARM, reach + elbow)
        wrists[side] = (x - side * 0.02 * elbow, y, z)
    return Pose(hips, knees, ankles, shoulders, elbows, wrists, height)


def _swing(joint: Point, length: float, angle: float) -> Point:
    """End of a bone that hangs from a joint, swung forward by an angle."""
    return joint[0], joint[1] - length * math.cos(angle), joint[2] + length * math.sin(angle)


def _arm_angles(person: Identity, habit: str, side: int, step: float, walking: float) -> tuple[float, float]:
    """Forward angle of the upper arm and bend of the elbow."""
    if habit == 'phone' and side == person.bag_side:
        return 0.35, 2.0
    if habit == 'pocket':
        return -0.15, 0.55
    return person.swing * math.sin(step) * walking, person.elbow * (0.6 + 0.4 * math.sin(step))
