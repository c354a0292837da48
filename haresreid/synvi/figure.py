"""The body of one image as limbs, collected part by part."""

from .canvas import Limb, Region
from .identity import Identity
from .materials import Part
from .pose import Point, Pose, View

__all__ = ['Figure', 'HalfWidth']

HalfWidth = float | tuple[float, float]
"""Half width of a round limb, or half axes (to the side, forward) of an elliptic one, in body heights."""


class Figure:
    """The limbs of one person in one view.

    Args:
        person: Whom to draw.
        pose: The joints.
        view: The camera's view of the body.

    Attributes:
        limbs: The limbs added so far, in any order.
    """

    def __init__(self, person: Identity, pose: Pose, view: View) -> None:
        self.person, self.pose, self.view = person, pose, view
        self.limbs: list[Limb] = []

    def add(
        self,
        part: Part,
        start: Point,
        end: Point,
        start_width: HalfWidth,
        end_width: HalfWidth | None = None,
        bias: float = 0.0,
        region: Region = Region.OTHER,
        axial: tuple[float, float] = (0.0, 1.0),
        cap: float = 1.0,
    ) -> None:
        """Add a limb between two points of the body.

        Args:
            part: What it is made of.
            start: First point.
            end: Last point.
            start_width: Half width at the first point.
            end_width: Half width at the last one. Defaults to the same.
            bias: Shift towards the camera in the draw order.
            region: Where on the body it lies.
            axial: Pattern coordinate at both points.
            cap: Height of the rounded ends as a fraction of the half width.
        """
        first, first_depth, first_scale = self.view.project(start)
        last, last_depth, last_scale = self.view.project(end)
        end_width = start_width if end_width is None else end_width
        self.limbs.append(
            Limb(
                (first_depth + last_depth) / 2 + bias,
                first,
                last,
                self._seen(start_width) * first_scale,
                self._seen(end_width) * last_scale,
                part,
                region,
                axial,
                cap,
            )
        )

    def _seen(self, width: HalfWidth) -> float:
        return self.view.half_width(*width) if isinstance(width, tuple) else width
