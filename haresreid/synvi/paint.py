"""What is painted onto the rasterised body: hair line and face, open jackets, straps."""

import math

import numpy as np

from .canvas import Region, Surface
from .identity import Identity
from .materials import Part

__all__ = ['body_azimuth', 'paint_details']


def body_azimuth(surface: Surface, yaw: float) -> np.ndarray:
    """(H, W) angle about the body axis in rad, -pi to pi. 0 is the person's front, whichever way the person faces."""
    azimuth = np.arcsin(np.clip(surface.lateral, -1, 1)) - yaw
    return np.mod(azimuth + math.pi, 2 * math.pi) - math.pi


def paint_details(surface: Surface, azimuth: np.ndarray, person: Identity) -> None:
    """Set the part of the pixels that show a detail, in place."""
    torso = (surface.region == Region.TORSO) & (surface.part == Part.UPPER)
    if person.upper in ('open', 'coat'):
        opening = 0.48 if person.upper == 'open' else 0.28
        surface.part[torso & (np.abs(azimuth) < opening) & (surface.axial > 0.03)] = Part.INNER
    if person.bag == 'backpack':
        surface.part[torso & (surface.axial < 0.55) & (np.abs(np.abs(azimuth) - 0.8) < 0.13)] = Part.BAG
    head = surface.region == Region.HEAD
    if head.any():
        _paint_head(surface, np.nonzero(head), azimuth, person)


def _paint_head(surface: Surface, head: tuple[np.ndarray, np.ndarray], azimuth: np.ndarray, person: Identity) -> None:
    """Hair line, eyes, brows, mouth and beard. ``height`` is -1 at the crown and 1 at the chin."""
    around, height = np.abs(azimuth[head]), surface.height[head]
    part = np.full(around.shape, Part.SKIN, np.uint8)
    part[(np.abs(around - 0.42) < 0.17) & (np.abs(height - 0.02) < 0.07)] = Part.FEATURE  # eyes
    part[(around < 0.32) & (np.abs(height - 0.60) < 0.05)] = Part.FEATURE  # mouth
    part[(np.abs(around - 0.42) < 0.24) & (np.abs(height + 0.15) < 0.05)] = Part.HAIR  # brows
    if person.beard:
        part[(around < 1.35) & (height > 0.42) & ~((around < 0.28) & (height < 0.66))] = Part.HAIR
    sides = np.clip((around - 0.75) / 0.35, 0, 1)  # 0 on the face, 1 behind the temple
    back = np.clip((around - 1.55) / 0.4, 0, 1)
    if person.hair == 'bald':
        part[(around > 1.2) & (height > -0.18) & (height < -0.05 + 0.7 * back)] = Part.HAIR  # the fringe that is left
    else:
        part[height < -0.42 + 0.50 * sides + 0.75 * back] = Part.HAIR
    surface.part[head] = part
