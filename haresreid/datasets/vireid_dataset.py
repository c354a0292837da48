"""The one data set class: an image per item, its modality a field of the sample."""

import logging
import os.path as osp
from abc import ABC, abstractmethod
from typing import Dict, List, Sequence

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log
from mmengine.utils import track_iter_progress

from haresreid.structures import Modality
from haresreid.utils.images import read_rgb

from .samplers import DrawnIndex

__all__ = ['VIReIDDataset']


class VIReIDDataset(BaseDataset, ABC):
    """Visible-infrared person re-identification data, read lazily: only paths and labels stay in memory.

    A subclass says where the images are (:meth:`list_images`) and how many there should be (``COUNTS``). The training
    subset relabels identities to 0..C-1 in the order of their numbers and must show each in both modalities; the test
    subset holds all test images of both modalities, from which an evaluation protocol draws queries and galleries.

    Each item goes through ``pipeline`` as ``dict(img_path, pid, camid, modality, gt_label)``; ``gt_label`` is -1 in
    test subsets.

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train' or 'test'. Defaults to 'train'.
        pipeline (Sequence): Transforms. Defaults to none.
        check_counts (bool): Compare the numbers of identities and images with the official ones. Defaults to True.
        unreadable (str): 'raise': an image that cannot be decoded stops the run when it is met. 'skip': every image is
            decoded once on load, the bad ones are named in a warning and left out. Defaults to 'raise'.

    Attributes:
        pids, camids, modalities, labels (np.ndarray): One int64 per image.
        img_paths (list[str]): One path per image.
        metainfo (dict): ``dataset``, ``subset`` and ``num_classes`` (the identities of the subset).

    Raises:
        FileNotFoundError: No data root, another layout, or listed files that are missing.
        ValueError: Wrong counts, unreadable lists, or a training identity without images in one modality.
    """

    METAINFO: dict = dict(dataset='VI-ReID')
    # subset -> {'ids' | 'visible' | 'infrared' | 'images': official number}
    COUNTS: Dict[str, Dict[str, int]] = {}

    def __init__(self,
                 data_root: str,
                 subset: str = 'train',
                 pipeline: Sequence = (),
                 check_counts: bool = True,
                 unreadable: str = 'raise'):
        if subset not in ('train', 'test'):
            raise ValueError(f"subset must be 'train' or 'test', got {subset!r}.")
        if unreadable not in ('raise', 'skip'):
            raise ValueError(f"unreadable must be 'raise' or 'skip', got {unreadable!r}.")
        self.subset = subset
        self.check_counts = check_counts
        self.unreadable = unreadable
        super().__init__(data_root=osp.expanduser(data_root), pipeline=list(pipeline), test_mode=subset == 'test')

    def prepare_data(self, idx: int) -> dict:
        """The item after the pipeline; a :class:`DrawnIndex` says what the pipeline's draws will be."""
        if isinstance(idx, DrawnIndex):
            idx.seed_generators()
        return super().prepare_data(idx)

    @abstractmethod
    def list_images(self) -> List[dict]:
        """``dict(img_path, pid, camid, modality)`` of every image of the subset, in reading order."""

    def load_data_list(self) -> List[dict]:
        """List, check and label the images; fill the array attributes."""
        images = self.list_images()
        if not images:
            raise ValueError(f'{self._title}: no image found under {self.data_root!r}.')
        if self.check_counts:
            self._require_counts(images)
        if self.unreadable == 'skip':
            images = self._drop_unreadable(images)

        self.img_paths = [image['img_path'] for image in images]
        self.pids, self.camids, self.modalities = (
            np.array([int(image[key]) for image in images]) for key in ('pid', 'camid', 'modality'))
        if self.subset == 'train':
            self._require_both_modalities()
        pids, classes = np.unique(self.pids, return_inverse=True)
        self.labels = classes if self.subset == 'train' else np.full(len(images), -1)
        self._metainfo.update(subset=self.subset, num_classes=len(pids))
        return [dict(image, gt_label=int(label)) for image, label in zip(images, self.labels)]

    @property
    def _title(self) -> str:
        return f"{self._metainfo['dataset']} {self.subset} subset"

    def _require_counts(self, images: List[dict]) -> None:
        modalities = [image['modality'] for image in images]
        found = dict(
            ids=len({image['pid'] for image in images}),
            visible=modalities.count(Modality.VISIBLE),
            infrared=modalities.count(Modality.INFRARED),
            images=len(images))
        expected = self.COUNTS.get(self.subset, {})
        wrong = [f'{found[key]} {key} (expected {number})' for key, number in expected.items() if found[key] != number]
        if wrong:
            raise ValueError(f'{self._title}: found {", ".join(wrong)} under {self.data_root!r}; unpack the data set '
                             'again, or pass check_counts=False to use what is there.')

    def _require_both_modalities(self) -> None:
        for modality in Modality:
            lacking = sorted(set(self.pids.tolist()) - set(self.pids[self.modalities == modality].tolist()))
            if lacking:
                raise ValueError(f'{self._title}: identities {lacking} have no {modality.name.lower()} image under '
                                 f'{self.data_root!r}; training needs both modalities, so restore the files or take '
                                 'these identities off the training list.')

    def _drop_unreadable(self, images: List[dict]) -> List[dict]:
        print_log(f'{self._title}: decoding {len(images)} images to find unreadable ones.', 'current')
        readable = []
        for image in track_iter_progress(images):
            try:
                read_rgb(image['img_path'])
            except ValueError as error:
                print_log(f'{self._title}: {error}; left out.', 'current', level=logging.WARNING)
            else:
                readable.append(image)
        return readable
