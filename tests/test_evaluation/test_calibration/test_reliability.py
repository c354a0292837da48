import numpy as np
import pytest

from haresreid.evaluation.calibration import count_pairs, reliability, reliability_of_pairs
from haresreid.structures.calibration import Curve


def test_the_error_is_that_of_a_loop():
    rng = np.random.default_rng(0)
    probabilities, true = rng.random(500), rng.integers(0, 2, 500).astype(float)
    expected = 0.0
    for low in np.arange(10) / 10:
        chosen = (probabilities >= low) & (probabilities < low + 0.1)
        expected += abs(probabilities[chosen].mean() - true[chosen].mean()) * chosen.mean()
    assert reliability(probabilities, true).error == pytest.approx(expected)


def test_a_certain_answer_is_in_the_last_bin_and_empty_bins_do_not_count():
    found = reliability(np.array([1.0, 1.0]), np.array([1.0, 0.0]))
    assert found.error == 0.5 and found.weights[-1] == 1 and np.isnan(found.stated[:-1]).all()


def test_pairs_are_weighted_by_the_prior(draw_people):
    """A curve that knows nothing says the prior, and that is true on average."""
    pairs = count_pairs(draw_people(20, seed=0))['visible-infrared']
    nothing = Curve([0.0], [0.0], [-1.0], [1.0])
    for prior in (0.5, 0.1):
        assert reliability_of_pairs(pairs, nothing, prior).error == pytest.approx(0, abs=1e-9)
    wrong = Curve([0.0], [np.log(9)], [0.0], [3.0])  # 0.9 at a prior of one half
    assert reliability_of_pairs(pairs, wrong).error == pytest.approx(0.4)
