import numpy as np
import pytest

from haresreid.synvi.canvas import Limb, Region, rasterise
from haresreid.synvi.materials import Part
from haresreid.synvi.paint import body_azimuth
from haresreid.synvi.pose import View


def vertical(part, depth=0.0, x=20.0, width=8.0, cap=1.0, region=Region.TORSO):
    return Limb(depth, (x, 20.0), (x, 60.0), width, width, part, region, (0.0, 1.0), cap)


def test_a_limb_covers_the_capsule_around_its_axis():
    surface = rasterise([vertical(Part.UPPER)], 80, 40)
    rows, columns = np.mgrid[:80, :40] + 0.5
    distance = np.hypot(columns - 20, rows - np.clip(rows, 20, 60))
    np.testing.assert_array_equal(surface.part == Part.UPPER, distance < 8)


def test_coordinates_run_along_and_across_the_limb():
    surface = rasterise([vertical(Part.UPPER)], 80, 40)
    assert surface.axial[40, 20] == pytest.approx(0.5, abs=0.02)
    assert surface.axial[25, 20] < surface.axial[55, 20]
    assert surface.lateral[40, 14] < 0 < surface.lateral[40, 26]
    assert surface.height[12, 20] == pytest.approx(-1, abs=0.05)
    assert surface.height[67, 20] == pytest.approx(1, abs=0.05)
    assert surface.normal[0, 40, 14] < 0 < surface.normal[0, 40, 26]


def test_the_nearer_limb_is_on_top():
    far, near = vertical(Part.UPPER, depth=0.0), vertical(Part.BAG, depth=1.0, x=24.0)
    for order in ([far, near], [near, far]):
        assert rasterise(order, 80, 40).part[40, 24] == Part.BAG


@pytest.mark.parametrize('yaw', [0.0, 0.5, -0.5, 3.1])
def test_azimuth_zero_is_where_the_front_of_the_body_appears(yaw):
    """Walk around a cylinder: the projected points of its surface carry the angle they were made from."""
    view = View(yaw, 0.0, 100.0, 180.0, 100.0)
    axis, _, _ = view.project((0, 0.5, 0))
    limb = Limb(0, (axis[0], 40.0), (axis[0], 160.0), 30.0, 30.0, Part.UPPER, Region.TORSO, (0.0, 1.0), 0.1)
    azimuth = body_azimuth(rasterise([limb], 200, 200), yaw)
    for angle in np.linspace(-1.2, 1.2, 7) - yaw:  # the half that faces the camera
        (x, _), _, _ = View(yaw, 0.0, 100.0, 180.0, 100.0).project((0.3 * np.sin(angle), 0.5, 0.3 * np.cos(angle)))
        found = azimuth[100, int(100 + (x - 100))]
        difference = np.mod(found - angle + np.pi, 2 * np.pi) - np.pi
        assert abs(difference) < 0.2
