import mmcv.transforms
import numpy as np
import pytest

from haresreid.datasets import RandomFlip

IMG = np.random.RandomState(0).randint(0, 256, (8, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize('prob', [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize('img', [IMG, IMG.astype(np.float32), IMG[1:6, 1:3]], ids=['bytes', 'floats', 'cropped'])
def test_equals_mmcvs(prob, img):
    ours, theirs = RandomFlip(prob), mmcv.transforms.RandomFlip(prob)
    for seed in range(50):
        np.random.seed(seed)
        expected = theirs(dict(img=img))['img']
        following = np.random.rand()
        np.random.seed(seed)
        np.testing.assert_array_equal(ours(dict(img=img))['img'], expected)
        assert np.random.rand() == following
