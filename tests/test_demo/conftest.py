import numpy as np
import pytest
from PIL import Image

from haresreid.apis import VIReIDInferencer
from haresreid.demo import folder_gallery


class MeanColumns:
    """A backend whose feature is the mean of each column: an image finds itself, and its neighbours in brightness."""

    image_size = (16, 8)
    feature_dim = 8

    def __call__(self, images, modalities):
        features = images.mean(axis=(1, 3)).astype(np.float32) + 1  # (B, 8)
        return features / np.linalg.norm(features, axis=1, keepdims=True)


@pytest.fixture
def inferencer():
    return VIReIDInferencer(MeanColumns())


@pytest.fixture
def folder(tmp_path):
    """Four visible images, four grey ones, of four patterns."""
    rng = np.random.default_rng(0)
    for number in range(4):
        grey = rng.integers(0, 255, (16, 8, 1), dtype=np.uint8).repeat(3, axis=2)
        colour = np.minimum(grey + np.array([30, 0, 0]), 255).astype(np.uint8)
        for name, image in ((f'night{number}', grey), (f'day{number}', colour)):
            Image.fromarray(image).save(tmp_path / f'{name}.png')
    return tmp_path


@pytest.fixture
def gallery(inferencer, folder):
    with pytest.warns(UserWarning, match='4 visible and 4 infrared'):
        return folder_gallery(inferencer, folder)
