import numpy as np

from haresreid.datasets import RandomIntensityCurve

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)


def draw(n, **arguments):
    np.random.seed(0)
    return np.stack([RandomIntensityCurve(**arguments)(dict(img=RAMP))['img'] for _ in range(n)]).astype(int)


def test_applied_with_its_probability_to_all_channels_alike():
    images = draw(2000, prob=0.3)
    changed = (images != RAMP).any(axis=(1, 2, 3))
    assert abs(changed.mean() - 0.3) < 0.03
    assert (images == images[..., :1]).all()


def test_curve_is_half_identity_and_half_a_polyline():
    curves = 2 * draw(500, prob=1.0)[..., 0].reshape(500, 256) - np.arange(256)  # the polylines, to 1 level
    assert curves.min() >= -1 and curves.max() <= 256
    inner = np.delete(np.arange(1, 255), np.array([63, 64, 127, 128, 191, 192]) - 1)  # away from the knots
    bend = curves[:, inner + 1] - 2 * curves[:, inner] + curves[:, inner - 1]
    assert np.abs(bend).max() <= 4  # straight between knots, but for the rounding of three values
    assert abs(curves[:, 64].mean() - 127.5) < 8


def test_some_curves_fall():
    assert (np.diff(draw(200, prob=1.0)[..., 0].reshape(200, 256)[:, ::64], axis=1) < 0).any(axis=1).mean() > 0.3
