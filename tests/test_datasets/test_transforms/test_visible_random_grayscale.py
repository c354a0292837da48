import numpy as np

from haresreid.datasets import VisibleRandomGrayscale
from haresreid.structures import Modality

IMG = np.random.RandomState(0).randint(0, 256, (6, 4, 3), dtype=np.uint8)


def apply(modality, prob=0.5):
    return VisibleRandomGrayscale(prob)(dict(img=IMG.copy(), modality=modality))['img']


def test_rate_over_10k_draws():
    np.random.seed(0)
    changed = sum(not np.array_equal(apply(Modality.VISIBLE), IMG) for _ in range(10_000))
    assert abs(changed / 10_000 - 0.5) < 0.02


def test_infrared_is_never_changed():
    for _ in range(100):
        np.testing.assert_array_equal(apply(Modality.INFRARED, prob=1.0), IMG)


def test_luminance_in_three_equal_channels():
    img = apply(Modality.VISIBLE, prob=1.0)
    assert img.dtype == np.uint8
    assert (img == img[..., :1]).all()
    # ITU-R 601; Pillow's fixed-point arithmetic may round the other way
    np.testing.assert_allclose(img[..., 0], IMG @ np.array([0.299, 0.587, 0.114]), atol=1)
