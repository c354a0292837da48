import pytest

from haresreid.evaluation import protocol_by_name
from haresreid.evaluation.calibration import fit_calibration, measure_calibration
from haresreid.evaluation.calibration.tables import answers_rows, open_set_rows, verification_rows

PAIRS = ['visible-visible', 'visible-infrared', 'infrared-infrared']


def test_every_pair_of_modalities_is_measured(draw_people):
    calibration = fit_calibration(draw_people(60, seed=0, noise=0.5), 'logistic', resamples=5)
    figures = measure_calibration(calibration, draw_people(60, seed=1, noise=0.5), protocol_by_name('sysu/all'))
    for rows in (verification_rows(figures), open_set_rows(figures), answers_rows(figures)):
        assert sorted({row[0] for row in rows[1:]}) == sorted(PAIRS) and len({len(row) for row in rows}) == 1
    answers = figures.search['visible-visible'].answers
    assert answers[0.9].named_right > 0.85 and answers[0.9].missed > answers[0.5].missed
    assert figures.search['visible-infrared'].reliability.error < 0.1


def test_a_calibration_without_the_protocols_pair_is_refused(draw_people):
    images = draw_people(20, seed=0)
    visible = fit_calibration(images[images.modalities == 0], resamples=1)
    with pytest.raises(ValueError, match=r'sysu/all compares visible-infrared images; .* curves of visible-visible'):
        measure_calibration(visible, images, protocol_by_name('sysu/all'))
