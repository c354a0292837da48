import math

import numpy as np
import pytest

from haresreid.evaluation.functional import hog


def slow_hog(grey, block):
    """Pixel by pixel, cell by cell, block by block."""
    height, width = grey.shape
    cells = np.zeros((height // 8, width // 8, 9))
    for row in range(height):
        for column in range(width):
            down = grey[row + 1, column] - grey[row - 1, column] if 0 < row < height - 1 else 0
            right = grey[row, column + 1] - grey[row, column - 1] if 0 < column < width - 1 else 0
            angle = math.degrees(math.atan2(down, right)) % 180
            cells[row // 8, column // 8, int(angle // 20)] += math.hypot(down, right) / 64
    blocks = []
    for row in range(len(cells) - block + 1):
        for column in range(cells.shape[1] - block + 1):
            part = cells[row : row + block, column : column + block]
            part = np.minimum(part / math.sqrt((part**2).sum() + 1e-10), 0.2)
            blocks.append(part / math.sqrt((part**2).sum() + 1e-10))
    return np.reshape(blocks, (len(cells) - block + 1, cells.shape[1] - block + 1, block, block, 9))


@pytest.fixture(params=['noise', 'squares', 'empty'])
def grey(request):
    rng = np.random.default_rng(0)
    squares = rng.integers(0, 256, (6, 4)).repeat(8, axis=0).repeat(8, axis=1)
    levels = dict(noise=rng.integers(0, 256, (48, 32)), squares=squares, empty=np.zeros((48, 32)))
    return levels[request.param] / 255


@pytest.mark.parametrize('block', [1, 2])
def test_equals_a_loop_over_pixels(grey, block):
    np.testing.assert_allclose(hog(grey, block), slow_hog(grey, block), rtol=0, atol=1e-12)


@pytest.mark.parametrize('block', [1, 2])
def test_equals_scikit_image(grey, block):
    """The figures of the HOG rows were made with it; it sums in float32."""
    feature = pytest.importorskip('skimage.feature')
    blocks = dict(pixels_per_cell=(8, 8), cells_per_block=(block, block), feature_vector=False)
    np.testing.assert_allclose(hog(grey, block), feature.hog(grey, orientations=9, **blocks), rtol=0, atol=1e-6)
