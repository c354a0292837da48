"""Images of which only the modality is known: a folder for each."""

import os.path as osp
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from haresreid.files.images import IMAGE_EXTENSIONS
from haresreid.files.paths import expand_home
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .vireid_dataset import VIReIDDataset

__all__ = ['UnlabelledImages']


@DATASETS.register_module()
class UnlabelledImages(VIReIDDataset):
    """Training images of one's own cameras: people are unknown, -1, and so are cameras and labels.

    Images are taken from a folder and its subfolders, in the order of their paths. What begins with a dot is left out.

    Args:
        visible (str): Folder of the visible images.
        infrared (str): Folder of the infrared images.
        pipeline, cache_dir: See :class:`VIReIDDataset`.

    Raises:
        FileNotFoundError: If a folder is missing or holds no image.
        ValueError: If an image is in both folders.
    """

    METAINFO: ClassVar = dict(dataset='unlabelled images')

    def __init__(self, visible: str, infrared: str, pipeline: Sequence = (), cache_dir: str | None = None) -> None:
        self.folders = {Modality.VISIBLE: expand_home(visible), Modality.INFRARED: expand_home(infrared)}
        super().__init__('', 'train', pipeline, False, 'raise', cache_dir)

    def list_images(self) -> list[dict]:
        """``dict(img_path, pid, camid, modality)`` of every image, visible ones first."""
        return [
            dict(img_path=str(path), pid=-1, camid=-1, modality=modality)
            for modality, folder in self.folders.items()
            for path in self._images_in(folder, modality)
        ]

    def load_data_list(self) -> list[dict]:
        """List the images; fill the array attributes."""
        images = self.list_images()
        paths = [image['img_path'] for image in images]
        twice = {osp.realpath(path) for path in paths}
        if len(twice) < len(paths):
            raise ValueError(
                f'{len(paths) - len(twice)} images are in both folders, {" and ".join(self.folders.values())}: give '
                'folders of which none is in the other.'
            )
        self.img_paths = paths
        self.modalities = np.array([image['modality'] for image in images], dtype=np.int64)
        self.pids, self.camids, self.labels = (np.full(len(images), -1) for _ in range(3))
        self._metainfo.update(subset=self.subset)
        return [dict(image, gt_label=-1) for image in images]

    @staticmethod
    def _images_in(folder: str, modality: Modality) -> list[Path]:
        if not osp.isdir(folder):
            raise FileNotFoundError(f'There is no folder {folder!r} of {modality.name.lower()} images.')
        found = [
            path
            for path in Path(folder).rglob('*')
            if path.name.lower().endswith(IMAGE_EXTENSIONS) and not path.is_dir()
        ]
        found = [path for path in found if not any(part.startswith('.') for part in path.relative_to(folder).parts)]
        if not found:
            raise FileNotFoundError(
                f'There is no {modality.name.lower()} image in {folder!r}: {", ".join(IMAGE_EXTENSIONS)} are read.'
            )
        return sorted(found)
