"""The body of one image as limbs: legs, trunk, arms, head, hat and bag."""

import math

from .canvas import Limb, Region
from .identity import Identity
from .materials import Part
from .pose import Point, Pose, View

__all__ = ['build_figure']


class _Figure:
    """Collects the limbs of one person in one view."""

    def __init__(self, person: Identity, pose: Pose, view: View) -> None:
        self.person, self.pose, self.view = person, pose, view
        self.limbs: list[Limb] = []

    def add(self, start: Point, end: Point, width_start: float, width_end: float, part: Part, bias: float = 0.,
            region: Region = Region.OTHER, axial: tuple[float, float] = (0., 1.), cap: float = 1.) -> None:
        """Add one limb. Widths are half widths in body heights; ``bias`` moves it towards the camera."""
        (start_pixel, start_depth, start_scale), (end_pixel, end_depth, end_scale) = map(self.view.project, (start, end))
        self.limbs.append(Limb((start_depth + end_depth) / 2 + bias, start_pixel, end_pixel, width_start * start_scale,
                               width_end * end_scale, part, region, axial, cap))

    def add_legs(self) -> None:
        person, pose = self.person, self.pose
        bare = person.lower in ('shorts', 'skirt', 'longskirt')
        thigh = Part.SKIN if person.lower in ('skirt', 'longskirt') else Part.LOWER
        shin = Part.SKIN if bare else Part.LOWER
        loose, cuff = (1.45, 1.9) if person.lower == 'wide' else (1.08, 1.15)
        for side in (-1, 1):
            hip, knee, ankle = pose.hips[side], pose.knees[side], pose.ankles[side]
            self.add(hip, knee, .056 * person.build * loose, .040 * person.build * loose, thigh, -.01, Region.LEG, (0, .5))
            self.add(knee, ankle, .036 * person.build * (1 if bare else loose), .024 * person.build * (1 if bare else cuff),
                     shin, -.011, Region.LEG, (.5, 1))
            if person.lower == 'shorts':
                hem = _between(knee, ankle, (person.lower_length - .5) * .9)
                self.add(hip, knee, .058 * person.build, .050 * person.build, Part.LOWER, -.006, Region.LEG, (0, .5))
                self.add(knee, hem, .050 * person.build, .052 * person.build, Part.LOWER, -.005, Region.LEG, (.5, .6), .1)
            sole = (ankle[0], max(.014, ankle[1] - .012), ankle[2] + .055)
            self.add(ankle, sole, .024, .018, Part.SHOES, .01)
            if person.boot > .08:
                shaft = (ankle[0], ankle[1] + person.boot, ankle[2] * .8 + knee[2] * .2)
                self.add(ankle, shaft, .029 * person.build, .031 * person.build, Part.SHOES, .012)

    def add_hips(self) -> None:
        person, view = self.person, self.view
        if person.lower in ('skirt', 'longskirt'):
            length = person.leg * (person.lower_length - (.1 if person.lower == 'skirt' else 0))
            self.add((0, person.leg + .03, 0), (0, person.leg - length + .02, 0), view.half_width(person.hip, person.depth),
                     view.half_width(person.hip * 1.45, person.depth * 1.7), Part.LOWER, .02, Region.LEG, cap=.12)
        else:
            self.add((0, person.leg + .05, 0), (0, person.leg - .01, 0), view.half_width(person.hip, person.depth),
                     view.half_width(person.hip * 1.02, person.depth), Part.LOWER, -.2, Region.LEG, (0, .1), .5)

    def add_trunk(self) -> None:
        person, view, top = self.person, self.view, self.pose.shoulder_height
        hem = person.leg - person.hem
        shoulder = view.half_width(person.shoulder, person.depth)
        bottom = view.half_width(person.hip * (1.03 + person.flare), person.depth * (1.08 + person.flare))
        waist = (shoulder + bottom) / 2 * (.9 if person.build < 1.05 else 1.02)
        middle = (0, (top + hem) / 2, person.lean * .3)
        self.add((0, top + .012, person.lean * .7), (0, top - .03, person.lean * .6), .050, shoulder * .96, Part.UPPER, .029,
                 Region.TORSO, (0, .1), .3)
        self.add((0, top - .03, person.lean * .6), middle, shoulder * .96, waist, Part.UPPER, .03, Region.TORSO, (.1, .5), .3)
        self.add(middle, (0, hem, 0), waist, bottom, Part.UPPER, .031, Region.TORSO, (.5, 1), .12)
        if person.upper == 'hood':
            self.add((0, top + .03, -.06), (0, top - .01, -.07), person.head * 1.15, person.head * .95, Part.UPPER, 0,
                     cap=.6, axial=(0, .1))

    def add_arms(self) -> None:
        person, pose = self.person, self.pose
        sleeve, cuff = {'vest': (Part.SKIN, Part.SKIN), 'tee': (Part.UPPER, Part.SKIN)}.get(
            person.upper, (Part.UPPER, Part.UPPER))
        thick = 1.25 if person.upper in ('coat', 'hood') else 1.
        front = .01 if math.cos(self.view.yaw) > 0 else 0.
        for side in (-1, 1):
            shoulder, elbow, wrist = pose.shoulders[side], pose.elbows[side], pose.wrists[side]
            self.add(shoulder, elbow, .033 * person.build * thick, .027 * person.build * thick, sleeve, .036 + front,
                     Region.ARM, (0, .5))
            self.add(elbow, wrist, .025 * person.build * thick, .019 * person.build * thick, cuff, .037 + front,
                     Region.ARM, (.5, 1))
            self.add(wrist, (wrist[0], wrist[1] - .024, wrist[2] + .006), .018, .014, Part.SKIN, .036 + front)

    def add_head(self) -> None:
        person, head, top = self.person, self.person.head, self.pose.shoulder_height
        y, z = top + .035 + head * 1.25, person.lean * .8 + .02
        self.add((0, top + .005, person.lean * .7), (0, y - head * .5, z - .008), .034 * person.build**.5, .030, Part.SKIN, .0)
        skull, jaw = self.view.half_width(head * .84, head * .98), self.view.half_width(head * .60, head * .76)
        self.add((0, y + head * .26, z), (0, y - head * .48, z + .004), skull, jaw, Part.SKIN, .05, Region.HEAD)
        self.add((0, y + head * .02, z + head * .82), (0, y - head * .26, z + head * 1.04), head * .10, head * .17, Part.SKIN,
                 .045)  # nose: seen in profile
        for side in (-1, 1):
            self.add((side * head * .84, y + head * .08, z - head * .08), (side * head * .80, y - head * .22, z - head * .05),
                     head * .17, head * .12, Part.SKIN, .04)
        self._add_hair(y, z)
        self._add_hat(y, z)

    def _add_hair(self, y: float, z: float) -> None:
        """Hair outside the skull; the hair line on it is painted."""
        head, top = self.person.head, self.pose.shoulder_height
        if self.person.hair == 'long':
            self.add((0, y, z - head * .5), (0, top - .1, z - head * .8), head * .95, head * .75, Part.HAIR, cap=.5)
        elif self.person.hair == 'bob':
            self.add((0, y + head * .1, z - head * .2), (0, y - head * .85, z - head * .3), head * 1.02, head * 1.12, Part.HAIR,
                     cap=.4)
        elif self.person.hair == 'pony':
            self.add((0, y + head * .3, z - head), (0, top - .05, z - head * 1.5), head * .34, head * .22, Part.HAIR)
        elif self.person.hair == 'bun':
            self.add((0, y + head * 1.0, z - head * .5), (0, y + head * 1.1, z - head * .5), head * .45, head * .45, Part.HAIR)
        elif self.person.hair == 'afro':
            bulk, rise = (1.38, .3) if self.person.hat == 'none' else (1.15, 0)  # a hat presses it down
            self.add((0, y + head * rise, z - head * .2), (0, y + head * (rise + .1), z - head * .2), head * bulk,
                     head * bulk, Part.HAIR, -.02)

    def _add_hat(self, y: float, z: float) -> None:
        head, view = self.person.head, self.view
        if self.person.hat == 'none':
            return
        crown = 1.0 if self.person.hat == 'beanie' else .86
        self.add((0, y + head * crown, z), (0, y + head * .52, z), view.half_width(head * .80, head * .9),
                 view.half_width(head * .93, head * 1.05), Part.HAT, .06, cap=.35)
        if self.person.hat == 'cap':
            self.add((0, y + head * .48, z + head * .5), (0, y + head * .40, z + head * 1.55), view.half_width(head * .74, head * .10),
                     view.half_width(head * .62, head * .08), Part.HAT, .055, cap=.3)
        elif self.person.hat == 'brim':
            rim = head * (.10 + .9 * math.sin(max(0., view.pitch)))
            across, toward = math.cos(view.yaw) * head, -math.sin(view.yaw) * head
            self.add((-across, y + head * .5, z - toward), (across, y + head * .5, z + toward), rim, rim, Part.HAT, .058,
                     cap=.65 * head / rim)

    def add_bag(self) -> None:
        person, view, top = self.person, self.view, self.pose.shoulder_height
        size, side = person.bag_size, person.bag_side
        if person.bag == 'backpack':
            self.add((0, top - .05, -person.depth - .045 * size), (0, top - .05 - .2 * size, -person.depth - .055 * size),
                     view.half_width(.078 * size, .05 * size), view.half_width(.088 * size, .06 * size), Part.BAG, .03,
                     Region.TORSO, cap=.55)
        elif person.bag == 'hand':
            x, y, z = self.pose.wrists[side]
            self.add((x, y - .02, z), (x, y - .06, z), .010, view.half_width(.012, .03 * size), Part.BAG, .029)
            self.add((x, y - .06, z), (x, y - .06 - .1 * size, z), view.half_width(.03, .06 * size),
                     view.half_width(.035, .07 * size), Part.BAG, .03, Region.TORSO, cap=.2)
        elif person.bag == 'cross':
            x, y = side * (person.hip + .03), person.leg + .02
            self.add((x, y, 0), (x, y - .09 * size, 0), view.half_width(.03, .07 * size), view.half_width(.03, .075 * size),
                     Part.BAG, .045, Region.TORSO, cap=.3)
            for front in (-1, 1):
                self.add((-side * person.shoulder * .6, top, front * person.depth * .9),
                         (side * person.hip, person.leg, front * person.depth * .9), .008, .008, Part.BAG, .012)


def _between(start: Point, end: Point, share: float) -> Point:
    return tuple(a + (b - a) * share for a, b in zip(start, end))


def build_figure(person: Identity, pose: Pose, view: View) -> list[Limb]:
    """All limbs of a person in one view; :func:`~.canvas.rasterise` orders them by depth."""
    figure = _Figure(person, pose, view)
    figure.add_legs()
    figure.add_hips()
    figure.add_trunk()
    figure.add_arms()
    figure.add_head()
    figure.add_bag()
    return figure.limbs
