import numpy as np

from haresreid.files.heads import blur_head, shown


def test_nothing_but_nine_colours_is_left_of_the_head():
    pixels = np.random.default_rng(0).integers(0, 256, (80, 30, 3), dtype=np.uint8)
    blurred = blur_head(pixels)
    np.testing.assert_array_equal(blurred[24:], pixels[24:])
    means = pixels[:24].reshape(3, 8, 3, 10, 3).mean(axis=(1, 3))  # (3, 3, 3) a colour for each patch
    np.testing.assert_allclose(blurred[0, 0], means[0, 0], atol=1)
    np.testing.assert_allclose(blurred[23, 29], means[2, 2], atol=1)
    # another head with the same means gives the same picture: all else of it is lost
    other = pixels.copy()
    other[:8, :10] = pixels[7::-1, 9::-1]
    other[10:12, 11:19] = pixels[11:9:-1, 18:10:-1]
    assert (other != pixels).any() and np.abs(blur_head(other).astype(int) - blurred).max() <= 1


def test_it_is_a_choice(monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 3, 3), dtype=np.uint8)
    for value, is_blurred in (('1', True), ('0', False), ('', False)):
        monkeypatch.setenv('HARESREID_BLUR_HEADS', value)
        assert (shown(pixels) != pixels).any() == is_blurred
