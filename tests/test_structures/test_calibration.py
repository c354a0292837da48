import json

import numpy as np
import pytest

from haresreid.structures import Calibration
from haresreid.structures.calibration import Curve, expected_prior


@pytest.fixture
def calibration():
    across = Curve([0.0, 0.5, 1.0], [-2.0, 0.0, 3.0], [-3.0, -1.0, 2.0], [-1.0, 1.0, 5.0])
    within = Curve([0.0, 1.0], [0.0, 8.0], [0.0, 7.0], [0.0, 9.0])
    return Calibration({'visible-infrared': across, 'visible-visible': within}, dict(people=10))


def test_the_odds_are_those_of_the_prior_times_the_ratio(calibration):
    chance = calibration.probability(np.array(0.75), np.array(1), np.array(0), 0.1)  # between 0 and 3
    ratios = np.exp([1.5, 0.5, 3.0])
    np.testing.assert_allclose(chance / (1 - chance), ratios * 0.1 / 0.9)


def test_each_pair_has_its_curve_and_an_unknown_one_none(calibration):
    query, gallery = np.array([[0], [1], [-1]]), np.array([[0, 1, -1]] * 3)
    chances = calibration.probability(np.full((3, 3), 2.0), query, gallery, 0.5)  # beyond the curves, which are flat
    within, across = 1 / (1 + np.exp([-8, -3]))
    np.testing.assert_allclose(
        chances[..., 0], [[within, across, np.nan], [across, np.nan, np.nan], [np.nan, np.nan, np.nan]]
    )


def test_a_file_is_read_as_it_was_written(calibration, tmp_path):
    calibration.save(tmp_path / 'a.json')
    assert Calibration.load(tmp_path / 'a.json') == calibration


@pytest.mark.parametrize(
    'change, fault',
    [
        (lambda content: content.pop('info'), 'KeyError'),
        (lambda content: content.update(curves={}), 'not of nothing'),
        (lambda content: content.update(curves={'a': content['curves']['visible-infrared']}), 'not of a'),
        (lambda content: content['curves']['visible-infrared'].update(low=[0, 1]), 'as many log_ratios'),
        (lambda content: content['curves']['visible-infrared'].update(low=[0, -1, 2]), 'low of a curve must be finite'),
        (lambda content: content['curves']['visible-infrared'].update(high=[0, 1, float('nan')]), 'high of a curve'),
        (lambda content: content['curves']['visible-infrared'].update(high='abc'), 'ValueError'),
    ],
)
def test_a_damaged_file_is_refused(calibration, tmp_path, change, fault):
    calibration.save(tmp_path / 'a.json')
    content = json.loads((tmp_path / 'a.json').read_text())
    change(content)
    (tmp_path / 'a.json').write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f'a.json is no calibration .*{fault}'):
        Calibration.load(tmp_path / 'a.json')
    with pytest.raises(FileNotFoundError, match=r'There is no calibration .*b.json: write one with'):
        Calibration.load(tmp_path / 'b.json')


def test_the_prior_of_a_search():
    np.testing.assert_allclose(expected_prior(2, np.array([100, 1, 0])), [0.02, 0.5, 0.5])
    with pytest.raises(ValueError, match='must be above 0, not 0'):
        expected_prior(0, 100)
