import numpy as np
import pytest

from haresreid.datasets import RandomGamma

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)


def gamma_of(img):
    """The exponent that maps the ramp to ``img``, by its middle value."""
    return np.log(img[8, 0, 0] / 255) / np.log(128 / 255)


def test_gammas_fill_their_range():
    np.random.seed(0)
    gammas = np.array([gamma_of(RandomGamma(2.0)(dict(img=RAMP))['img']) for _ in range(2000)])
    logs = np.log2(gammas)
    assert logs.min() > -1.03 and logs.max() < 1.03  # uint8 rounding
    assert abs(logs.mean()) < 0.05
    assert abs(np.mean(logs < -0.5) - 0.25) < 0.04


def test_curve_keeps_order_and_ends():
    img = RandomGamma(2.0)(dict(img=RAMP))['img'][..., 0].ravel().astype(int)
    assert img[0] == 0 and img[-1] == 255
    assert (np.diff(img) >= 0).all()


def test_gamma_of_one_changes_nothing():
    np.testing.assert_array_equal(RandomGamma(1.0)(dict(img=RAMP))['img'], RAMP)


def test_gamma_below_one_is_refused():
    with pytest.raises(ValueError, match='at least 1'):
        RandomGamma(0.5)
