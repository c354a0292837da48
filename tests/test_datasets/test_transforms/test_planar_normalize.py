import numpy as np
import pytest
from mmcv.transforms import Normalize

from haresreid.datasets import PackReIDInputs, PlanarNormalize

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
PIXELS = np.random.RandomState(0).randint(0, 256, (20, 10, 3), dtype=np.uint8)


@pytest.mark.parametrize('img', [PIXELS, PIXELS[:, ::-1], PIXELS[2:12, 3:7]], ids=['whole', 'flipped', 'cropped'])
def test_equals_mmcvs(img):
    results = PlanarNormalize(MEAN, STD)(dict(img=img))
    expected = Normalize(MEAN, STD, to_rgb=False)(dict(img=img))['img']
    assert results['img'].dtype == np.float32 and results['img'].shape == img.shape
    np.testing.assert_allclose(results['img'], expected, rtol=0, atol=5e-7)  # two units in the last place of 2.7


def test_packing_moves_nothing():
    img = PlanarNormalize(MEAN, STD)(dict(img=PIXELS))['img']
    inputs = PackReIDInputs()(dict(img=img))['inputs']
    assert inputs.shape == (3, 20, 10) and inputs.is_contiguous()
    assert inputs.data_ptr() == img.ctypes.data
