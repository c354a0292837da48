"""The dressed body below the neck, and what it carries."""

import math

from .canvas import Region
from .figure import Figure
from .materials import Part
from .pose import Point

__all__ = ['add_arms', 'add_bag', 'add_legs', 'add_trunk']


def add_legs(figure: Figure) -> None:
    """Legs in trousers, shorts or a skirt, and shoes."""
    person, pose, build = figure.person, figure.pose, figure.person.build
    skirt = person.lower in ('skirt', 'longskirt')
    thigh, shin = Part.SKIN if skirt else Part.LOWER, Part.SKIN if skirt or person.lower == 'shorts' else Part.LOWER
    loose, cuff = (1.45, 1.9) if person.lower == 'wide' else (1.08, 1.15)
    if shin is Part.SKIN:
        loose, cuff = 1.0, 1.0
    under = -1.0 if skirt or person.upper in ('coat', 'cloak') else -0.01  # they hide even the leg that swings forward
    for side in (-1, 1):
        hip, knee, ankle = pose.hips[side], pose.knees[side], pose.ankles[side]
        figure.add(thigh, hip, knee, 0.056 * build * loose, 0.040 * build * loose, under, Region.LEG, (0, 0.5))
        figure.add(shin, knee, ankle, 0.036 * build * loose, 0.024 * build * cuff, under - 0.001, Region.LEG, (0.5, 1))
        if person.lower == 'shorts':
            hem = _between(knee, ankle, (person.lower_length - 0.5) * 0.9)
            figure.add(Part.LOWER, hip, knee, 0.058 * build, 0.050 * build, under + 0.004, Region.LEG, (0, 0.5))
            figure.add(Part.LOWER, knee, hem, 0.050 * build, 0.052 * build, under + 0.005, Region.LEG, (0.5, 0.6), 0.1)
        toe = (ankle[0], max(0.014, ankle[1] - 0.012), ankle[2] + 0.055)
        figure.add(Part.SHOES, ankle, toe, 0.024, 0.018, under + 0.02)
        if person.boot > 0.08:
            shaft = (ankle[0], ankle[1] + person.boot, ankle[2] * 0.8 + knee[2] * 0.2)
            tucked = -0.02 if person.lower == 'wide' else 0.022  # wide trousers fall over a boot
            figure.add(Part.SHOES, ankle, shaft, 0.029 * build, 0.031 * build, under + tucked)
    _add_hips(figure, skirt)


def _add_hips(figure: Figure, skirt: bool) -> None:
    person = figure.person
    hip, depth, leg = person.hip, person.depth, person.leg
    if skirt:
        hem = leg - leg * (person.lower_length - (0.1 if person.lower == 'skirt' else 0)) + 0.02
        figure.add(
            Part.LOWER,
            (0, leg + 0.03, 0),
            (0, hem, 0),
            (hip, depth),
            (hip * 1.45, depth * 1.7),
            0.02,
            Region.LEG,
            cap=0.12,
        )
    else:
        figure.add(
            Part.LOWER,
            (0, leg + 0.05, 0),
            (0, leg - 0.01, 0),
            (hip, depth),
            (hip * 1.02, depth),
            -2.0,
            Region.LEG,
            (0, 0.1),
            0.5,
        )


def add_trunk(figure: Figure) -> None:
    """The upper garment: shoulders, chest, and skirts down to its hem."""
    person, view, top = figure.person, figure.view, figure.pose.shoulder_height
    shoulder = view.half_width(person.shoulder, person.depth)
    bottom = view.half_width(person.hip * (1.03 + person.flare), person.depth * (1.08 + person.flare))
    waist = (shoulder + bottom) / 2 * (0.9 if person.build < 1.05 else 1.02)
    neck, chest = (0, top + 0.012, person.lean * 0.7), (0, top - 0.03, person.lean * 0.6)
    hem = (0, person.leg - person.hem, 0)
    middle = (0, (top + hem[1]) / 2, person.lean * 0.3)
    figure.add(Part.UPPER, neck, chest, 0.050, shoulder * 0.96, 0.029, Region.TORSO, (0, 0.1), 0.3)
    figure.add(Part.UPPER, chest, middle, shoulder * 0.96, waist, 0.03, Region.TORSO, (0.1, 0.5), 0.3)
    figure.add(Part.UPPER, middle, hem, waist, bottom, 0.031, Region.TORSO, (0.5, 1), 0.12)
    if person.upper == 'hood':
        head = person.head
        figure.add(
            Part.UPPER,
            (0, top + 0.03, -0.05),
            (0, top - 0.02, -0.06),
            (head * 1.15, head * 0.5),
            (head * 0.95, head * 0.5),
            axial=(0, 0.1),
            cap=0.6,
        )


def add_arms(figure: Figure) -> None:
    """Arms with sleeves of the upper garment, and hands; none below a cloak."""
    person, pose = figure.person, figure.pose
    if person.upper == 'cloak':
        return  # they stay under it
    sleeve = Part.SKIN if person.upper == 'vest' else Part.UPPER
    cuff = Part.SKIN if person.upper in ('vest', 'tee') else Part.UPPER
    thick = person.build * (1.25 if person.upper in ('coat', 'hood') else 1.0)
    bias = 0.036 + (0.01 if math.cos(figure.view.yaw) > 0 else 0.0)
    for side in (-1, 1):
        shoulder, elbow, wrist = pose.shoulders[side], pose.elbows[side], pose.wrists[side]
        fingers = (wrist[0], wrist[1] - 0.024, wrist[2] + 0.006)
        figure.add(sleeve, shoulder, elbow, 0.033 * thick, 0.027 * thick, bias, Region.ARM, (0, 0.5))
        figure.add(cuff, elbow, wrist, 0.025 * thick, 0.019 * thick, bias + 0.001, Region.ARM, (0.5, 1))
        figure.add(Part.SKIN, wrist, fingers, 0.018, 0.014, bias)


def add_bag(figure: Figure) -> None:
    """A backpack, a bag in the hand or one across the body."""
    person, top = figure.person, figure.pose.shoulder_height
    size, side = person.bag_size, person.bag_side
    if person.bag == 'backpack':
        back = -person.depth - 0.045 * size
        figure.add(
            Part.BAG,
            (0, top - 0.05, back),
            (0, top - 0.05 - 0.2 * size, back - 0.01 * size),
            (0.078 * size, 0.05 * size),
            (0.088 * size, 0.06 * size),
            0.03,
            Region.TORSO,
            cap=0.55,
        )
    elif person.bag == 'hand':
        x, y, z = figure.pose.wrists[side]
        rim = (x, y - 0.06, z)
        figure.add(Part.BAG, (x, y - 0.02, z), rim, 0.010, (0.012, 0.03 * size), 0.029)
        figure.add(
            Part.BAG,
            rim,
            (x, y - 0.06 - 0.1 * size, z),
            (0.03, 0.06 * size),
            (0.035, 0.07 * size),
            0.03,
            Region.TORSO,
            cap=0.2,
        )
    elif person.bag == 'cross':
        x, y = side * (person.hip + 0.03), person.leg + 0.02
        figure.add(
            Part.BAG,
            (x, y, 0),
            (x, y - 0.09 * size, 0),
            (0.03, 0.07 * size),
            (0.03, 0.075 * size),
            0.045,
            Region.TORSO,
            cap=0.3,
        )
        for face in (-1, 1):  # the strap on the chest and on the back
            z = face * person.depth * 0.9
            figure.add(
                Part.BAG, (-side * person.shoulder * 0.6, top, z), (side * person.hip, person.leg, z), 0.008, bias=0.012
            )


def _between(start: Point, end: Point, share: float) -> Point:
    return tuple(a + (b - a) * share for a, b in zip(start, end))
