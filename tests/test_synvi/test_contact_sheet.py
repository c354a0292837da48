import numpy as np
import pytest

from haresreid.synvi import LEVELS, SynVISpec, draw_contact_sheet
from haresreid.synvi.layouts import cameras
from haresreid.synvi.render import render_image


def test_a_sheet_has_a_row_per_person_and_columns_per_set():
    specs = [SynVISpec(layout, num_ids=(1, 0, 1), size=(48, 24)) for layout in ('sysu', 'regdb', 'llcm')]
    sheet = draw_contact_sheet(specs, people=2, columns=4)
    assert sheet.shape == (2 * 48 + 2, 12 * 24 + 11 * 2, 3)
    assert sheet.dtype == np.uint8
    infrared = sheet[:48, 26:50].astype(int)  # the second column
    assert np.ptp(infrared, axis=2).max() == 0


@pytest.mark.parametrize('level', ['easy', 'context'])
def test_a_sheet_shows_the_people_of_its_level(level):
    spec = SynVISpec(level=level, num_ids=(1, 0, 1), size=(48, 24))
    person, camera = LEVELS[level].draw_person(0, 1), cameras(spec)[0]
    sheet = draw_contact_sheet([spec], people=1, columns=1)
    np.testing.assert_array_equal(sheet, render_image(0, 1, person, camera, 0, spec.size))
