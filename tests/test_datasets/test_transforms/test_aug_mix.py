import numpy as np
import pytest
import torch

from haresreid.datasets import AugMix


@pytest.fixture
def img():
    y, x = np.mgrid[:40, :24]
    return np.stack([4 * y, 8 * x, 3 * y + 4 * x], axis=2).astype(np.uint8)


def test_only_operations_that_no_test_corruption_resembles(img):
    space = AugMix().mix._augmentation_space(10, (40, 24))
    assert set(space) == {
        *('AutoContrast', 'Equalize', 'Posterize', 'Solarize'),
        *('Rotate', 'ShearX', 'ShearY', 'TranslateX', 'TranslateY'),
    }


def test_the_seed_of_torch_determines_the_image(img):
    def mixed(seed):
        torch.manual_seed(seed)
        return AugMix()(dict(img=img.copy()))['img']

    assert mixed(1).shape == img.shape and mixed(1).dtype == np.uint8
    assert np.array_equal(mixed(1), mixed(1)) and not np.array_equal(mixed(1), mixed(2))


def test_flat_images_stay_what_they_are():
    """Of a black image every operation is black, so is every mixture; a white one turns black at its edges only."""
    torch.manual_seed(0)
    black = np.zeros((40, 24, 3), np.uint8)
    assert not any(AugMix()(dict(img=black))['img'].any() for _ in range(5))
