"""Neck, head, ears, nose, hair and hat. Eyes, mouth and the hair line are painted on later."""

import math

from .canvas import Region
from .figure import Figure
from .materials import Part

__all__ = ['add_head']


def add_head(figure: Figure) -> None:
    """Add everything above the shoulders."""
    person, radius, top = figure.person, figure.person.head, figure.pose.shoulder_height
    y, z = top + .035 + radius * 1.25, person.lean * .8 + .02  # the middle of the head
    neck = .034 * person.build**.5
    figure.add(Part.SKIN, (0, top + .005, person.lean * .7), (0, y - radius * .5, z - .008), neck, .030)
    figure.add(Part.SKIN, (0, y + radius * .26, z), (0, y - radius * .48, z + .004), (radius * .84, radius * .98),
               (radius * .60, radius * .76), .05, Region.HEAD)
    figure.add(Part.SKIN, (0, y + radius * .02, z + radius * .82), (0, y - radius * .26, z + radius * 1.04),
               radius * .10, radius * .17, .045)  # the nose shows in profile
    for side in (-1, 1):
        figure.add(Part.SKIN, (side * radius * .84, y + radius * .08, z - radius * .08),
                   (side * radius * .80, y - radius * .22, z - radius * .05), radius * .17, radius * .12, .04)
    _add_hair(figure, y, z)
    if person.hat != 'none':
        _add_hat(figure, y, z)


def _add_hair(figure: Figure, y: float, z: float) -> None:
    """Hair that stands off the skull."""
    person, radius, top = figure.person, figure.person.head, figure.pose.shoulder_height
    if person.hair == 'long':
        away = .04 if math.cos(figure.view.yaw) < 0 else 0.  # seen from behind it lies on the back, whatever the lean
        figure.add(Part.HAIR, (0, y, z - radius * .5), (0, top - .1, z - radius * .8), radius * .95, radius * .75, away,
                   cap=.5)
    elif person.hair == 'bob':
        figure.add(Part.HAIR, (0, y + radius * .1, z - radius * .2), (0, y - radius * .85, z - radius * .3),
                   radius * 1.02, radius * 1.12, cap=.4)
    elif person.hair == 'pony':
        figure.add(Part.HAIR, (0, y + radius * .3, z - radius), (0, top - .05, z - radius * 1.5), radius * .34,
                   radius * .22)
    elif person.hair == 'bun':
        figure.add(Part.HAIR, (0, y + radius, z - radius * .5), (0, y + radius * 1.1, z - radius * .5), radius * .45)
    elif person.hair == 'afro':
        bulk, rise = (1.38, .3) if person.hat == 'none' else (1.15, 0)  # a hat presses it down
        figure.add(Part.HAIR, (0, y + radius * rise, z - radius * .2), (0, y + radius * (rise + .1), z - radius * .2),
                   radius * bulk, bias=-.02)


def _add_hat(figure: Figure, y: float, z: float) -> None:
    """A crown above the hair line, so that hair still shows below it, with a peak or a rim."""
    person, view, radius = figure.person, figure.view, figure.person.head
    crown = 1. if person.hat == 'beanie' else .86
    figure.add(Part.HAT, (0, y + radius * crown, z), (0, y + radius * .52, z), (radius * .80, radius * .90),
               (radius * .93, radius * 1.05), .06, cap=.35)
    if person.hat == 'cap':
        figure.add(Part.HAT, (0, y + radius * .48, z + radius * .5), (0, y + radius * .40, z + radius * 1.55),
                   (radius * .74, radius * .10), (radius * .62, radius * .08), .055, cap=.3)
    elif person.hat == 'brim':  # a disc: its ends lie to the left and to the right, whatever the direction
        across, toward = math.cos(view.yaw) * radius, -math.sin(view.yaw) * radius
        rim = radius * (.10 + .9 * math.sin(view.pitch))
        figure.add(Part.HAT, (-across, y + radius * .5, z - toward), (across, y + radius * .5, z + toward), rim,
                   bias=.058, cap=.65 * radius / rim)
