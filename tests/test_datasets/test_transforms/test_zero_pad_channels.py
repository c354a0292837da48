import numpy as np
import pytest

from haresreid.datasets import ZeroPadChannels
from haresreid.structures import Modality

IMG = np.random.RandomState(0).randn(6, 4, 3).astype(np.float32)


@pytest.mark.parametrize('modality, own', [(Modality.VISIBLE, 0), (Modality.INFRARED, 1)])
def test_the_luminance_stands_in_the_modality_s_channel_alone(modality, own):
    padded = ZeroPadChannels()(dict(img=IMG.copy(), modality=modality))['img']
    assert padded.dtype == np.float32 and padded.shape == IMG.shape
    for row, column, channel in np.ndindex(IMG.shape):
        red, green, blue = IMG[row, column]
        expected = 0.299 * red + 0.587 * green + 0.114 * blue if channel == own else 0
        assert padded[row, column, channel] == pytest.approx(expected, abs=1e-6)
