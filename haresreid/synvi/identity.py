"""A synthetic person: build, gait, hair, clothes and bag, all drawn once per identity."""

from typing import NamedTuple

import numpy as np

from .materials import Material, Part, draw_materials
from .streams import Stream, random_stream

__all__ = ['Identity', 'draw_identity']


class Identity(NamedTuple):
    """Everything that makes a person recognisable. Lengths are in body heights, angles in rad.

    Attributes:
        build: Girth factor, about 1.
        leg: Hip height.
        shoulder: Half width of the shoulders.
        hip: Half width of the hips.
        depth: Half depth of the trunk.
        head: Head radius.
        lean: Forward offset of the shoulders.
        stoop: Lowering of the shoulders.
        stride: Leg swing.
        swing: Arm swing.
        elbow: Elbow bend.
        arm: Habitual arm position: 'down', 'pocket' or 'phone'.
        hair: 'bald', 'short', 'bob', 'long', 'pony', 'bun' or 'afro'.
        beard: Whether the person has a beard.
        hat: 'none', 'cap', 'beanie' or 'brim'.
        upper: 'tee', 'long', 'hood', 'open', 'vest', 'coat' or 'cloak'.
        hem: Length of the upper garment below the hip.
        flare: Widening of the hem.
        lower: 'slim', 'wide', 'shorts', 'skirt' or 'longskirt'.
        lower_length: Length of the lower garment as a fraction of the leg.
        boot: Height of the shoes.
        bag: 'none', 'backpack', 'hand' or 'cross'.
        bag_size: Size factor of the bag.
        bag_side: -1 or 1; the same hand holds the phone.
        materials: Surface of each part.
    """

    build: float
    leg: float
    shoulder: float
    hip: float
    depth: float
    head: float
    lean: float
    stoop: float
    stride: float
    swing: float
    elbow: float
    arm: str
    hair: str
    beard: bool
    hat: str
    upper: str
    hem: float
    flare: float
    lower: str
    lower_length: float
    boot: float
    bag: str
    bag_size: float
    bag_side: int
    materials: dict[Part, Material]


def draw_identity(seed: int, pid: int) -> Identity:
    """Draw the person ``pid``. Nothing in the result depends on a camera or an image."""
    rng = random_stream(seed, Stream.IDENTITY, pid)

    def normal(mean: float, std: float) -> float:
        return mean + std * float(np.clip(rng.standard_normal(), -2, 2))

    def choice(*names: str) -> str:
        return names[rng.integers(len(names))]

    build = normal(1, 0.16)
    upper = choice('tee', 'long', 'long', 'hood', 'open', 'vest', 'coat')
    lower = choice('slim', 'slim', 'wide', 'shorts', 'skirt', 'longskirt')
    return Identity(
        build=build,
        leg=normal(0.475, 0.022),
        shoulder=normal(0.118, 0.012) * build**0.5,
        hip=normal(0.088, 0.010) * build,
        depth=normal(0.066, 0.010) * build**1.2,
        head=normal(0.064, 0.005),
        lean=normal(0.03, 0.05),
        stoop=normal(0, 0.02),
        stride=max(0.05, normal(0.36, 0.12)),
        swing=max(0.05, normal(0.40, 0.20)),
        elbow=max(0.0, normal(0.35, 0.25)),
        arm=choice('down', 'down', 'pocket', 'phone'),
        hair=choice('bald', 'short', 'short', 'bob', 'long', 'pony', 'bun', 'afro'),
        beard=bool(rng.random() < 0.15),
        hat=choice('none', 'none', 'none', 'none', 'none', 'cap', 'beanie', 'brim'),
        upper=upper,
        hem=rng.uniform(0.12, 0.27) if upper == 'coat' else rng.uniform(-0.02, 0.07),
        flare=rng.uniform(0, 0.35) if upper == 'coat' else rng.uniform(-0.05, 0.12),
        lower=lower,
        lower_length=rng.uniform(0.50, 0.75) if lower in ('shorts', 'skirt') else rng.uniform(0.86, 0.98),
        boot=rng.uniform(0.02, 0.16),
        bag=choice('none', 'none', 'backpack', 'backpack', 'hand', 'cross'),
        bag_size=rng.uniform(0.7, 1.35),
        bag_side=int(rng.choice([-1, 1])),
        materials=draw_materials(rng),
    )
