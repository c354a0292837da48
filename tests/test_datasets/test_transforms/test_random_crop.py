import mmpretrain.datasets
import numpy as np
import pytest

from haresreid.datasets import RandomCrop

IMG = np.random.RandomState(0).randint(1, 256, (40, 20, 3), dtype=np.uint8)


@pytest.mark.parametrize('size, padding', [((40, 20), 5), ((30, 12), 0), ((40, 20), 0), ((44, 24), 2)])
def test_equals_mmpretrains(size, padding):
    ours, theirs = (make(crop_size=size, padding=padding) for make in (RandomCrop, mmpretrain.datasets.RandomCrop))
    for seed in range(50):
        np.random.seed(seed)
        expected = theirs(dict(img=IMG))['img']
        following = np.random.rand()
        np.random.seed(seed)
        results = ours(dict(img=IMG))
        np.testing.assert_array_equal(results['img'], expected)
        assert results['img_shape'] == size and np.random.rand() == following


def test_an_image_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match='an image of 42 x 22 pixels, padding included, has no window of 43 x 20'):
        RandomCrop((43, 20), padding=1)(dict(img=IMG))


def test_the_surrounding_has_the_grey_level_of_fill():
    img = RandomCrop((50, 30), padding=5, fill=127)(dict(img=IMG))['img']
    np.testing.assert_array_equal(img[5:-5, 5:-5], IMG)
    img[5:-5, 5:-5] = 127
    assert (img == 127).all()
