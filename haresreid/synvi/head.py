"""Neck, head, ears, nose, hair and hat. Eyes, mouth and the hair line are painted on later."""

import math

from .canvas import Region
from .figure import Figure
from .materials import Part

__all__ = ['add_head']


def add_head(figure: Figure) -> None:
    """Add everything above the shoulders."""
    person, radius, top = figure.person, figure.person.head, figure.pose.shoulder_height
    y, z = top + 0.035 + radius * 1.25, person.lean * 0.8 + 0.02  # the middle of the head
    neck = 0.034 * person.build**0.5
    figure.add(Part.SKIN, (0, top + 0.005, person.lean * 0.7), (0, y - radius * 0.5, z - 0.008), neck, 0.030)
    figure.add(
        Part.SKIN,
        (0, y + radius * 0.26, z),
        (0, y - radius * 0.48, z + 0.004),
        (radius * 0.84, radius * 0.98),
        (radius * 0.60, radius * 0.76),
        0.05,
        Region.HEAD,
    )
    figure.add(
        Part.SKIN,
        (0, y + radius * 0.02, z + radius * 0.82),
        (0, y - radius * 0.26, z + radius * 1.04),
        radius * 0.10,
        radius * 0.17,
        0.045,
    )  # the nose shows in profile
    for side in (-1, 1):
        figure.add(
            Part.SKIN,
            (side * radius * 0.84, y + radius * 0.08, z - radius * 0.08),
            (side * radius * 0.80, y - radius * 0.22, z - radius * 0.05),
            radius * 0.17,
            radius * 0.12,
            0.04,
        )
    _add_hair(figure, y, z)
    if person.hat != 'none':
        _add_hat(figure, y, z)


def _add_hair(figure: Figure, y: float, z: float) -> None:
    """Hair that stands off the skull."""
    person, radius, top = figure.person, figure.person.head, figure.pose.shoulder_height
    if person.hair == 'long':
        away = 0.04 if math.cos(figure.view.yaw) < 0 else 0.0  # seen from behind it lies on the back, whatever the lean
        figure.add(
            Part.HAIR,
            (0, y, z - radius * 0.5),
            (0, top - 0.1, z - radius * 0.8),
            radius * 0.95,
            radius * 0.75,
            away,
            cap=0.5,
        )
    elif person.hair == 'bob':
        figure.add(
            Part.HAIR,
            (0, y + radius * 0.1, z - radius * 0.2),
            (0, y - radius * 0.85, z - radius * 0.3),
            radius * 1.02,
            radius * 1.12,
            cap=0.4,
        )
    elif person.hair == 'pony':
        figure.add(
            Part.HAIR,
            (0, y + radius * 0.3, z - radius),
            (0, top - 0.05, z - radius * 1.5),
            radius * 0.34,
            radius * 0.22,
        )
    elif person.hair == 'bun':
        figure.add(Part.HAIR, (0, y + radius, z - radius * 0.5), (0, y + radius * 1.1, z - radius * 0.5), radius * 0.45)
    elif person.hair == 'afro':
        bulk, rise = (1.38, 0.3) if person.hat == 'none' else (1.15, 0)  # a hat presses it down
        figure.add(
            Part.HAIR,
            (0, y + radius * rise, z - radius * 0.2),
            (0, y + radius * (rise + 0.1), z - radius * 0.2),
            radius * bulk,
            bias=-0.02,
        )


def _add_hat(figure: Figure, y: float, z: float) -> None:
    """A crown above the hair line, so that hair still shows below it, with a peak or a rim."""
    person, view, radius = figure.person, figure.view, figure.person.head
    crown = 1.0 if person.hat == 'beanie' else 0.86
    figure.add(
        Part.HAT,
        (0, y + radius * crown, z),
        (0, y + radius * 0.52, z),
        (radius * 0.80, radius * 0.90),
        (radius * 0.93, radius * 1.05),
        0.06,
        cap=0.35,
    )
    if person.hat == 'cap':
        figure.add(
            Part.HAT,
            (0, y + radius * 0.48, z + radius * 0.5),
            (0, y + radius * 0.40, z + radius * 1.55),
            (radius * 0.74, radius * 0.10),
            (radius * 0.62, radius * 0.08),
            0.055,
            cap=0.3,
        )
    elif person.hat == 'brim':  # a disc: its ends lie to the left and to the right, whatever the direction
        across, toward = math.cos(view.yaw) * radius, -math.sin(view.yaw) * radius
        rim = radius * (0.10 + 0.9 * math.sin(view.pitch))
        figure.add(
            Part.HAT,
            (-across, y + radius * 0.5, z - toward),
            (across, y + radius * 0.5, z + toward),
            rim,
            bias=0.058,
            cap=0.65 * radius / rim,
        )
