"""The gallery that the page searches."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from haresreid.apis import Features, VIReIDInferencer
from haresreid.files.images import read_rgb
from haresreid.files.paths import expand_home
from haresreid.structures import Modality

__all__ = ['Gallery', 'folder_gallery', 'sample_gallery']

# No model was trained on this seed: haresreid trains on people of the seeds 0 to 2.
SAMPLE = dict(layout='sysu', level='easy', num_ids=(0, 0, 40), images_per_camera=1, size=(96, 48), seed=3)
QUERIES = 8


@dataclass(frozen=True)
class Gallery:
    """N images with their features.

    Attributes:
        features (Features): Their features.
        captions (list[str]): Identity and camera of each image, as far as they are known.
        people (list[str]): Identity of each image, or '' if it is unknown.
        examples (list[int]): Rows of images that the page offers as queries.
        thermal_range (tuple[float, float], optional): The model's, see :func:`haresreid.files.images.to_rgb`.
    """

    features: Features
    captions: list[str]
    people: list[str]
    examples: list[int]
    thermal_range: tuple[float, float] | None = None

    def image(self, row: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB, as the model reads it before resizing.

        Raises:
            ValueError: The file is missing or damaged.
        """
        return read_rgb(self.features.paths[row], turn=True, thermal_range=self.thermal_range)

    def of_modality(self, modality: Modality | None) -> np.ndarray:
        """Rows of the images of one modality, or of both if it is None."""
        return np.flatnonzero((self.features.modalities == modality) | (modality is None))


def sample_gallery(inferencer: VIReIDInferencer, folder: str | Path) -> Gallery:
    """Forty people of SynVI, unseen by every model, in four visible and two infrared cameras; drawn on first use.

    Args:
        inferencer (VIReIDInferencer): Inferencer of the model.
        folder (str | Path): Folder of the images. Missing images are drawn there.
    """
    from haresreid.datasets import SynthVIReID

    people = SynthVIReID(expand_home(folder), subset='test', **SAMPLE)
    features = inferencer(people.img_paths, [Modality(kind) for kind in people.modalities], unreadable='skip')
    row_of = {path: row for row, path in enumerate(people.img_paths)}
    rows = [row_of[path] for path in features.paths]  # a warning names unreadable images
    captions = [f'person {people.pids[row]}, camera {people.camids[row]}' for row in rows]
    return Gallery(features, captions, [str(people.pids[row]) for row in rows], _examples(features.modalities))


def folder_gallery(inferencer: VIReIDInferencer, folder: str | Path, modality: str | None = None) -> Gallery:
    """All readable images below a folder, without identities. A warning names unreadable images.

    Args:
        inferencer (VIReIDInferencer): Inferencer of the model.
        folder (str | Path): The folder.
        modality (str, optional): 'visible' or 'infrared'; None guesses for each image. Defaults to None.
    """
    folder = expand_home(folder)
    features = inferencer(folder, modality, unreadable='skip')
    captions = [str(Path(path).relative_to(folder)) for path in features.paths]
    return Gallery(features, captions, [''] * len(features), _examples(features.modalities), inferencer.thermal_range)


def _examples(modalities: np.ndarray) -> list[int]:
    """Some images of each modality, spread over the gallery."""
    chosen = []
    for modality in Modality:
        rows = np.flatnonzero(modalities == modality)
        if len(rows):
            chosen += rows[np.linspace(0, len(rows) - 1, min(QUERIES // 2, len(rows))).astype(int)].tolist()
    return chosen
