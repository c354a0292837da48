"""A small rasteriser of tapered limbs that keeps, at each pixel, where on the limb it lies."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from .materials import Part

__all__ = ['Limb', 'Region', 'Surface', 'rasterise']


class Region(IntEnum):
    """Where on the body a limb lies. Paint and patterns depend on it."""

    OTHER = 0
    HEAD = 1
    TORSO = 2
    ARM = 3
    LEG = 4


class Limb(NamedTuple):
    """A strip with rounded ends between two points of the image.

    Attributes:
        depth: Draw order; nearer limbs have larger values.
        start, end: (x, y) in pixels.
        width_start, width_end: Half widths in pixels.
        part: What it is made of.
        region: Where on the body it lies.
        axial: Pattern coordinate at start and end.
        cap: Height of the rounded ends as a fraction of the half width; 1 is a half circle.
    """

    depth: float
    start: tuple[float, float]
    end: tuple[float, float]
    width_start: float
    width_end: float
    part: Part
    region: Region
    axial: tuple[float, float]
    cap: float


class Surface(NamedTuple):
    """What each pixel of the canvas shows; all arrays are (H, W).

    Attributes:
        part: uint8 :class:`~.materials.Part`.
        region: uint8 :class:`Region`.
        lateral: Position across the limb, -1 (left in the image) to 1.
        axial: Pattern coordinate along the limb.
        height: Position along the limb with its caps, -1 (tip of the start cap) to 1.
        normal: (3, H, W) surface normal: right, down, towards the camera.
    """

    part: np.ndarray
    region: np.ndarray
    lateral: np.ndarray
    axial: np.ndarray
    height: np.ndarray
    normal: np.ndarray


def rasterise(limbs: list[Limb], height: int, width: int) -> Surface:
    """Draw the limbs on top of each other, the nearest last."""
    limbs = sorted(limbs, key=lambda limb: limb.depth)
    index = np.zeros((height, width), np.uint8)  # 0 is the background, i + 1 the limb i
    lateral, along = np.zeros((2, height, width), np.float32)
    columns = np.arange(width, dtype=np.float32)[None] + 0.5
    rows = np.arange(height, dtype=np.float32)[:, None] + 0.5
    for number, limb in enumerate(limbs, 1):
        _draw(limb, number, index, lateral, along, rows, columns)
    return _describe(limbs, index, lateral, along)


def _axis(limb: Limb) -> tuple[float, float, float]:
    """Length in pixels and unit direction of a limb."""
    dx, dy = limb.end[0] - limb.start[0], limb.end[1] - limb.start[1]
    length = max(math.hypot(dx, dy), 1e-3)
    return length, dx / length, dy / length


def _draw(
    limb: Limb,
    number: int,
    index: np.ndarray,
    lateral: np.ndarray,
    along: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
) -> None:
    (x0, y0), (x1, y1) = limb.start, limb.end
    margin = max(limb.width_start, limb.width_end) + 1
    left, right = max(0, int(min(x0, x1) - margin)), min(index.shape[1], int(max(x0, x1) + margin) + 1)
    top, bottom = max(0, int(min(y0, y1) - margin)), min(index.shape[0], int(max(y0, y1) + margin) + 1)
    if left >= right or top >= bottom:
        return
    length, ax, ay = _axis(limb)
    x, y = columns[:, left:right] - x0, rows[top:bottom] - y0
    position = x * (ax / length) + y * (ay / length)  # (h, w), 0 at the start, 1 at the end
    inner = np.clip(position, 0, 1)
    half = limb.width_start + (limb.width_end - limb.width_start) * inner
    across = (x * ay - y * ax) / half
    over = (position - inner) * (length / limb.cap) / half
    inside = across * across + over * over < 1
    box = (slice(top, bottom), slice(left, right))
    np.copyto(index[box], number, where=inside)
    np.copyto(lateral[box], across if ay >= 0 else -across, where=inside)
    np.copyto(along[box], position, where=inside)


def _describe(limbs: list[Limb], index: np.ndarray, lateral: np.ndarray, along: np.ndarray) -> Surface:
    """Turn limb numbers and limb coordinates into the surface, by tables over the limbs."""
    rows = [(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)]
    for limb in limbs:
        length, ax, ay = _axis(limb)
        cap_start, cap_end = limb.cap * limb.width_start / length, limb.cap * limb.width_end / length
        round_ends = limb.region in (Region.OTHER, Region.HEAD)  # elsewhere a cap is a joint: shading it draws a seam
        rows.append(
            (
                limb.part,
                limb.region,
                limb.axial[0],
                limb.axial[1] - limb.axial[0],
                -cap_start,
                1 + cap_start + cap_end,
                round_ends / cap_start,
                round_ends / cap_end,
                abs(ay),
                -ax if ay >= 0 else ax,
                ay,
            )
        )
    table = np.array(rows, np.float32)

    def column(number: int) -> np.ndarray:
        return table[:, number][index]

    inner = np.clip(along, 0, 1)
    over = along - inner
    over *= np.where(over < 0, column(6), column(7))  # -1 and 1 at the tips of the caps
    normal = np.empty((3, *index.shape), np.float32)
    np.multiply(lateral, column(8), out=normal[0])
    normal[1] = lateral * column(9) + over * column(10)
    normal[2] = np.sqrt(np.clip(1 - lateral * lateral - over * over, 0, 1))
    return Surface(
        part=table[:, 0].astype(np.uint8)[index],
        region=table[:, 1].astype(np.uint8)[index],
        lateral=lateral,
        axial=column(2) + column(3) * inner,
        height=2 * (along - column(4)) / column(5) - 1,
        normal=normal,
    )
