import numpy as np

from haresreid.datasets import VisibleRandomChannelMix
from haresreid.structures import Modality

IMAGE = np.array([[[200, 0, 0], [0, 200, 0]], [[0, 0, 200], [100, 100, 100]]], dtype=np.uint8)


def draw(n, modality=Modality.VISIBLE, prob=1.0):
    np.random.seed(0)
    return np.stack([VisibleRandomChannelMix(prob)(dict(img=IMAGE, modality=modality))['img'] for _ in range(n)])


def test_weights_are_convex_and_uniform_on_the_simplex():
    images = draw(4000)
    assert (images == images[..., :1]).all()
    weights = images[:, [0, 0, 1], [0, 1, 0], 0] / 200  # (n, 3): what each pure colour became
    assert np.abs(weights.sum(axis=1) - 1).max() < 0.01  # rounding
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 3, atol=0.02)
    np.testing.assert_allclose(weights.std(axis=0), np.sqrt(1 / 18), atol=0.02)
    assert np.abs(images[:, 1, 1].astype(int) - 100).max() <= 1  # grey stays grey


def test_infrared_images_pass_and_the_probability_holds():
    np.testing.assert_array_equal(draw(20, Modality.INFRARED), np.stack([IMAGE] * 20))
    changed = (draw(2000, prob=0.5) != IMAGE).any(axis=(1, 2, 3))
    assert abs(changed.mean() - 0.5) < 0.04
