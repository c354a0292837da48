"""Images on disk, models with random weights, and a model that needs no PyTorch."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


class Thirds:
    """A backend whose feature is the mean of an image's upper, middle and lower third, and its modality."""

    image_size = (96, 48)
    feature_dim = 4

    def __call__(self, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        assert images.shape[1:] == (96, 48, 3) and images.dtype == np.uint8 and modalities.dtype == np.int64
        means = images.reshape(len(images), 3, -1).mean(axis=2)  # (B, 3)
        features = np.column_stack([means + 1, 100 * modalities]).astype(np.float32)  # (B, 4)
        return features / np.linalg.norm(features, axis=1, keepdims=True)


@pytest.fixture
def thirds() -> Thirds:
    return Thirds()


@pytest.fixture(autouse=True)
def root(request, monkeypatch) -> Path:
    monkeypatch.chdir(request.config.rootpath)
    return request.config.rootpath


@pytest.fixture
def folder(tmp_path) -> Path:
    """Three colour images and two grey ones, of two sizes, in two subfolders beside what is no image."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(['day/a.png', 'day/c.png', 'day/deep/b.png', 'night/a.png', 'night/b.png']):
        path = tmp_path / 'images' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (96, 48, 3) if number % 2 else (130, 70, 3), dtype=np.uint8)
        Image.fromarray(pixels if 'day' in name else pixels[..., 0]).save(path)
    (tmp_path / 'images/notes.txt').write_text('no image')
    (tmp_path / 'images/day/._a.png').write_bytes(b'left by a Mac')
    return tmp_path / 'images'
