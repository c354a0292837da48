import numpy as np
import pytest
from sklearn.metrics import roc_curve

from haresreid.evaluation.calibration import count_pairs, verify_pairs


@pytest.fixture
def images(draw_people):
    return draw_people(40, seed=0)


@pytest.fixture
def roc(images):
    """False and true positives of scikit-learn on the pairs themselves."""
    visible, infrared = (np.flatnonzero(images.modalities == modality) for modality in (0, 1))
    same = images.pids[visible][:, None] == images.pids[infrared]
    return roc_curve(
        same.ravel(), (images.features[visible] @ images.features[infrared].T).ravel(), drop_intermediate=False
    )


@pytest.mark.parametrize('rate', [0.5, 1e-1, 1e-2, 1e-3])
def test_rates_are_those_of_scikit_learn(images, roc, rate):
    found = verify_pairs(count_pairs(images)['visible-infrared'])
    assert (found.same, found.different) == (40 * 8, 40 * 39 * 8)
    false, true, thresholds = roc
    index = np.flatnonzero(false <= rate)[-1]
    accepted, threshold = found.at(rate)
    assert accepted == pytest.approx(true[index], abs=0.005)  # bins of 0.0005
    assert thresholds[index + 1] - 6e-4 < threshold < thresholds[index] + 6e-4


def test_the_equal_error_rate(images, roc):
    false, true, _ = roc
    expected = false[np.abs(false + true - 1).argmin()]
    assert verify_pairs(count_pairs(images)['visible-infrared']).equal_error_rate == pytest.approx(expected, abs=0.005)


def test_a_rate_below_one_pair_is_not_told(images):
    accepted, threshold = verify_pairs(count_pairs(images)['visible-infrared']).at(1e-5)
    assert np.isnan(accepted) and np.isnan(threshold)


def test_nothing_is_accepted_where_the_highest_pairs_are_of_two_people(draw_people):
    images = draw_people(40, seed=1)
    images.features[:] = images.features[0]
    assert verify_pairs(count_pairs(images)['visible-infrared']).at(0.5) == (0.0, np.inf)
