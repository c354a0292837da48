"""Garment materials: what a surface looks like to a visible, a near-infrared and a thermal camera."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

__all__ = ['PALETTE', 'Band', 'Material', 'Part', 'draw_materials', 'second_colour', 'sensor_tables']


class Part(IntEnum):
    """The body part that a pixel shows. Each part except the background has one :class:`Material`."""

    BACKGROUND = 0
    SKIN = 1
    HAIR = 2
    FEATURE = 3  # eyes, brows, mouth
    UPPER = 4
    LOWER = 5
    SHOES = 6
    BAG = 7
    HAT = 8
    INNER = 9  # what an open jacket shows


PALETTE = np.array(
    [
        [0.04, 0.04, 0.05],
        [0.85, 0.85, 0.85],
        [0.45, 0.45, 0.47],
        [0.60, 0.06, 0.07],
        [0.08, 0.13, 0.45],
        [0.07, 0.32, 0.12],
        [0.75, 0.62, 0.10],
        [0.40, 0.22, 0.10],
        [0.65, 0.28, 0.50],
        [0.10, 0.45, 0.50],
        [0.80, 0.40, 0.10],
        [0.25, 0.10, 0.35],
        [0.62, 0.55, 0.42],
        [0.16, 0.20, 0.25],
    ],
    np.float32,
)
"""(14, 3) linear RGB reflectances of garments and backgrounds."""

_PATTERNS = {
    Part.UPPER: (
        ('plain', 'hstripe', 'vstripe', 'check', 'dots', 'yoke', 'band', 'logo', 'raglan'),
        (0.30, 0.13, 0.10, 0.10, 0.07, 0.08, 0.08, 0.08, 0.06),
    ),
    Part.LOWER: (('plain', 'vstripe', 'check', 'side', 'hstripe'), (0.62, 0.08, 0.10, 0.12, 0.08)),
    Part.BAG: (('plain', 'band'), (0.5, 0.5)),
}
_PRINT_FADES = 0.2  # share of two-tone garments whose pattern is dye only: near-infrared does not see it
_BAND_GAP = 0.45  # share of a band's pitch; the first tone shows there


class Band(NamedTuple):
    """One of several patterns on one garment; the fields are those of :class:`Material`."""

    pattern: str
    frequency: float
    duty: float


class Material(NamedTuple):
    """Surface of one part of one person.

    Attributes:
        pattern: Name of the two-tone pattern; 'plain' shows the first tone alone.
        frequency: Repeats of the pattern, about twice the number of stripes on the torso.
        duty: Share of the second tone in a repeat.
        position: Where a yoke or a band sits, 0 (shoulder) to 1 (hem).
        visible: (2, 3) linear RGB reflectance of the two tones.
        nir: Near-infrared reflectance of the two tones.
        warmth: Surface temperature between ambient (0) and skin (1).
        bands: The bands of the pattern 'bands', from top to bottom.
    """

    pattern: str
    frequency: float
    duty: float
    position: float
    visible: np.ndarray
    nir: tuple[float, float]
    warmth: float
    bands: tuple[Band, ...] = ()


def draw_materials(rng: np.random.Generator) -> dict[Part, Material]:
    """Draw the materials of one person.

    The near-infrared reflectance is drawn independently of the visible colour, so that colour carries no information
    across the modalities; the geometry of a woven pattern does.
    """
    garments = (Part.UPPER, Part.LOWER, Part.SHOES, Part.BAG, Part.HAT, Part.INNER)
    materials = {part: _draw_garment(rng, part) for part in garments}
    skin = np.array([0.62, 0.40, 0.30]) * rng.uniform(0.35, 1.15)
    hair = np.array([0.12, 0.08, 0.05]) * rng.choice([0.2, 0.5, 1.0, 3.0, 5.0])
    materials[Part.SKIN] = _plain(skin, rng.uniform(0.50, 0.65), 0.97)
    materials[Part.HAIR] = _plain(hair, rng.uniform(0.15, 0.50), 0.50)
    materials[Part.FEATURE] = _plain(skin * [0.22, 0.16, 0.16], 0.16, 0.93)
    return materials


def _plain(visible, nir: float, warmth: float) -> Material:
    return Material('plain', 10.0, 0.5, 0.5, np.stack([visible, visible]).astype(np.float32), (nir, nir), warmth)


def _draw_garment(rng: np.random.Generator, part: Part) -> Material:
    names, probs = _PATTERNS.get(part, (('plain',), (1.0,)))
    first = rng.uniform(0.12, 0.95)
    contrast = rng.uniform(0, 0.03) if rng.random() < _PRINT_FADES else rng.uniform(0.25, 0.60)
    second = np.clip(first + (contrast if first < 0.5 else -contrast), 0.05, 0.98)
    return Material(
        pattern=str(rng.choice(names, p=probs)),
        frequency=rng.uniform(7, 24),
        duty=rng.uniform(0.3, 0.6),
        position=rng.uniform(0.25, 0.6),
        visible=np.stack([_draw_colour(rng), _draw_colour(rng)]),
        nir=(first, float(second)),
        warmth=rng.uniform(0.12, 0.60),
    )


def _draw_colour(rng: np.random.Generator) -> np.ndarray:
    colour = PALETTE[rng.integers(len(PALETTE))] * rng.uniform(0.75, 1.25) + rng.normal(0, 0.015, 3)
    return np.clip(colour, 0.01, 0.95).astype(np.float32)


def second_colour(material: Material, azimuth: np.ndarray, axial: np.ndarray, torso: np.ndarray) -> np.ndarray:
    """Where a pattern shows its second tone.

    Args:
        material: The patterned material.
        azimuth: (N,) angle about the limb's axis in rad, 0 at the person's front: the pattern turns with the body.
        axial: (N,) position along the limb, 0 to 1.
        torso: (N,) bool, the pixels of the trunk (a yoke, a band and a logo sit there; a raglan everywhere else).

    Returns:
        (N,) bool mask.
    """
    along = np.mod(axial * material.frequency * 0.5, 1)
    around = np.mod(azimuth * material.frequency * 0.24, 1)
    if material.pattern == 'hstripe':
        return along < material.duty
    if material.pattern == 'vstripe':
        return around < material.duty
    if material.pattern == 'check':
        return (along < material.duty) ^ (around < material.duty)
    if material.pattern == 'dots':
        return (along - 0.5) ** 2 + (around - 0.5) ** 2 < 0.09
    if material.pattern == 'yoke':
        return torso & (axial < material.position)
    if material.pattern == 'band':
        return torso & (np.abs(axial - material.position) < 0.1)
    if material.pattern == 'logo':
        return torso & (np.abs(azimuth) < 0.55) & (np.abs(axial - 0.3) < 0.13)
    if material.pattern == 'raglan':
        return ~torso
    if material.pattern == 'side':
        return np.abs(np.abs(azimuth) - np.pi / 2) < 0.35
    if material.pattern == 'bands':
        return _in_bands(material, azimuth, axial, torso)
    return np.zeros(azimuth.shape, bool)


def _in_bands(material: Material, azimuth: np.ndarray, axial: np.ndarray, torso: np.ndarray) -> np.ndarray:
    """(N,) bool mask of the second tone: a gap above each band, and one below the last."""
    number, inside = np.divmod(axial * (len(material.bands) + _BAND_GAP), 1)
    inside = (inside - _BAND_GAP) / (1 - _BAND_GAP)  # 0 to 1 in the band, negative in the gap
    second = np.zeros(azimuth.shape, bool)
    for index, band in enumerate(material.bands):
        here = (number == index) & (inside >= 0)
        second[here] = second_colour(material._replace(**band._asdict()), azimuth[here], inside[here], torso[here])
    return second


def sensor_tables(materials: dict[Part, Material]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lookup tables by part: visible (P, 2, 3), near-infrared (P, 2) and warmth (P,); zero for the background."""
    visible = np.zeros((len(Part), 2, 3), np.float32)
    nir, warmth = np.zeros((len(Part), 2), np.float32), np.zeros(len(Part), np.float32)
    for part, material in materials.items():
        visible[part], nir[part], warmth[part] = material.visible, material.nir, material.warmth
    return visible, nir, warmth
