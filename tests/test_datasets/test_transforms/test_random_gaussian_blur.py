import numpy as np
import pytest
import torch
from torchvision.transforms.functional import gaussian_blur

from haresreid.datasets import RandomGaussianBlur


def test_equals_torchvisions_filter():
    img = np.random.RandomState(0).randint(0, 256, (64, 32, 3), dtype=np.uint8)
    for sigma in (0.1, 0.8, 3.0):
        blurred = RandomGaussianBlur(sigma=(sigma, sigma))(dict(img=img.copy()))['img']
        expected = gaussian_blur(torch.from_numpy(img).permute(2, 0, 1), [21, 21], [sigma, sigma]).permute(1, 2, 0)
        assert blurred.dtype == np.uint8 and np.abs(blurred.astype(int) - expected.numpy()).max() <= 2  # in fixed point


def test_the_width_is_drawn():
    np.random.seed(0)
    img = np.random.RandomState(0).randint(0, 256, (64, 32, 3), dtype=np.uint8)
    spreads = [RandomGaussianBlur()(dict(img=img.copy()))['img'].std() for _ in range(20)]
    assert max(spreads) > 2 * min(spreads)


def test_an_even_filter_is_refused():
    with pytest.raises(ValueError, match='kernel_size must be odd, not 20'):
        RandomGaussianBlur(20)
