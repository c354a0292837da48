import numpy as np

from haresreid.datasets.synthesis import SynVISpec, draw_contact_sheet


def test_a_sheet_has_a_row_per_person_and_columns_per_set():
    specs = [SynVISpec(layout, num_ids=(1, 0, 1), size=(48, 24)) for layout in ('sysu', 'regdb', 'llcm')]
    sheet = draw_contact_sheet(specs, people=2, columns=4)
    assert sheet.shape == (2 * 48 + 2, 12 * 24 + 11 * 2, 3)
    assert sheet.dtype == np.uint8
    infrared = sheet[:48, 26:50].astype(int)  # the second column
    assert np.ptp(infrared, axis=2).max() == 0
