"""The base class of all data sets: one image per item, its modality a field of the sample."""

import logging
import os.path as osp
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import ClassVar

import numpy as np
from mmengine.dataset import BaseDataset, Compose
from mmengine.logging import print_log

from haresreid.files.paths import expand_home
from haresreid.structures import Modality

from .packed_images import decode, load_packed
from .samplers import SeededIndex
from .transforms import LanczosResize, LoadReIDImage
from .transforms.load_reid_image import UnreadableImageError

__all__ = ['VIReIDDataset']


class VIReIDDataset(BaseDataset, ABC):
    """Visible-infrared person re-identification data, read lazily: only paths and labels stay in memory.

    A subclass says where the images are (:meth:`list_images`), how many there should be (``COUNTS``), and which
    modalities there are (``MODALITIES``). The training subset relabels identities to 0..C-1 in the order of their
    numbers; each identity must have images in every modality. The test subset holds all test images, from which an
    evaluation protocol draws queries and galleries.

    Each item goes through ``pipeline`` as ``dict(img_path, pid, camid, modality, gt_label)``; ``gt_label`` is -1 in
    test subsets.

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train' or 'test'. Defaults to 'train'.
        pipeline (Sequence): Transforms. Defaults to none.
        check_counts (bool): Compare the numbers of identities and images with the official ones. Defaults to True.
        unreadable (str): What to do with an image that cannot be decoded. 'raise' stops the run when it is met. With
            'skip', a training image is replaced by another one of the same person and modality, and
            :class:`UnreadableImagesHook` names it. In test subsets 'skip' decodes every image once on load, because
            protocols draw from all of them; it names the bad ones in a warning, leaves them out, and stores their
            number as ``metainfo['left_out']``. Defaults to 'raise'.
        cache_dir (str, optional): Folder of packed files. It keeps the images after the loading and resizing steps of
            the pipeline in one memory-mapped file, which is written on first use and again when an image has changed.
            Defaults to None, which decodes an image whenever it is needed.

    Attributes:
        pids, camids, modalities, labels (np.ndarray): One int64 per image.
        img_paths (list[str]): One path per image.
        metainfo (dict): ``dataset``, ``subset`` and ``num_classes`` (the identities of the subset).

    Raises:
        FileNotFoundError: If the data root does not exist or has another layout, or listed files are missing.
        ValueError: If counts are wrong, a list cannot be read, a training identity has no images in one modality, a
            file is listed for two images, or a label is not an integer.
    """

    METAINFO: ClassVar[dict] = dict(dataset='VI-ReID')
    # subset -> {'ids' | 'visible' | 'infrared' | 'images': official number}
    COUNTS: ClassVar[Mapping[str, Mapping[str, int]]] = {}
    # what the error message advises when the numbers differ
    WAY_OUT = "unpack the data set again, or set check_counts=False in the data set's config to use what is there"
    MODALITIES: ClassVar[tuple[Modality, ...]] = (Modality.VISIBLE, Modality.INFRARED)

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        pipeline: Sequence = (),
        check_counts: bool = True,
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if subset not in ('train', 'test'):
            raise ValueError(f"subset must be 'train' or 'test', got {subset!r}.")
        if unreadable not in ('raise', 'skip'):
            raise ValueError(f"unreadable must be 'raise' or 'skip', got {unreadable!r}.")
        self.subset = subset
        self.check_counts = check_counts
        self.unreadable = unreadable
        super().__init__(data_root=expand_home(data_root), pipeline=list(pipeline), test_mode=subset == 'test')
        if cache_dir is not None:
            self.read_packed(cache_dir)

    @classmethod
    def num_classes_of(cls, cfg: dict) -> int | None:
        """The number of training identities of this config, or None if it is only known after listing the images."""
        return cls.COUNTS.get('train', {}).get('ids') if cfg.get('check_counts', True) else None

    def prepare_data(self, idx: int) -> dict:
        """The item after the pipeline; a :class:`SeededIndex` says what the pipeline's draws will be."""
        if isinstance(idx, SeededIndex):
            idx.seed_generators()
        try:
            return self._run_pipeline(self.get_data_info(idx))
        except UnreadableImageError as error:
            if self.unreadable == 'raise':
                if not osp.exists(self.img_paths[idx]):
                    raise
                raise UnreadableImageError(
                    f"{error} Or set unreadable='skip' in the data set's config, to go on without such images."
                ) from error
            return self._stand_in(idx)

    def get_data_info(self, idx: int) -> dict:
        """What the pipeline gets of an image.

        If a :class:`SeededIndex` draws it for a role, there is ``role``; if as a class, that is ``gt_label``.
        """
        drawn = dict(role=getattr(idx, 'role', None), gt_label=getattr(idx, 'label', None))
        info = super().get_data_info(idx)
        return dict(info, **{key: value for key, value in drawn.items() if value is not None})

    def _run_pipeline(self, info: dict) -> dict:
        return self.pipeline(info)

    def _files_of(self, image: dict) -> Sequence[str]:
        """The image files behind an entry of :meth:`list_images`."""
        return (image['img_path'],)

    def _stand_in(self, idx: int) -> dict:
        """Draw another image of the same label and modality by the index's seed, so that the batch stays P x K."""
        alike = np.flatnonzero((self.labels == self.labels[idx]) & (self.modalities == self.modalities[idx]))
        for other in np.random.default_rng(getattr(idx, 'seed', idx)).permutation(alike[alike != idx]):
            try:
                info = self.get_data_info(SeededIndex(other, (), getattr(idx, 'role', None)))
                return self._run_pipeline(dict(info, stands_in_for=self.img_paths[idx]))
            except UnreadableImageError:
                continue
        raise UnreadableImageError(
            f'{self._title}: identity {self.pids[idx]} has no '
            f'{Modality(self.modalities[idx]).name.lower()} image that can be decoded; restore its '
            'files, or take it off the training list.'
        )

    @abstractmethod
    def list_images(self) -> list[dict]:
        """``dict(img_path, pid, camid, modality)`` of every image of the subset, in reading order."""

    def load_data_list(self) -> list[dict]:
        """List, check and label the images; fill the array attributes."""
        images = self.list_images()
        if not images:
            raise ValueError(f'{self._title}: no image found under {self.data_root!r}.')
        if self.check_counts:
            self._require_counts(images)
        if self.unreadable == 'skip' and self.subset == 'test':
            images = self._drop_unreadable(images)

        self.img_paths = [image['img_path'] for image in images]
        self._require_distinct_files(images)
        self.pids, self.camids, self.modalities = (
            self._whole_numbers(images, key) for key in ('pid', 'camid', 'modality')
        )
        if self.subset == 'train':
            self._require_every_modality()
        pids, classes = np.unique(self.pids, return_inverse=True)
        self.labels = classes if self.subset == 'train' else np.full(len(images), -1)
        self._metainfo.update(subset=self.subset, num_classes=len(pids))
        return [dict(image, gt_label=int(label)) for image, label in zip(images, self.labels)]

    @property
    def _title(self) -> str:
        return f'{self._metainfo["dataset"]} {self.subset} subset'

    def _require_counts(self, images: list[dict]) -> None:
        modalities = [image['modality'] for image in images]
        found = dict(
            ids=len({image['pid'] for image in images}),
            visible=modalities.count(Modality.VISIBLE),
            infrared=modalities.count(Modality.INFRARED),
            images=len(images),
        )
        expected = self.COUNTS.get(self.subset, {})
        wrong = [f'{found[key]} {key} (expected {number})' for key, number in expected.items() if found[key] != number]
        if wrong:
            raise ValueError(f'{self._title}: found {", ".join(wrong)} under {self.data_root!r}; {self.WAY_OUT}.')

    def _require_distinct_files(self, images: list[dict]) -> None:
        """Refuse a test image that is listed twice, and a training image listed with two persons or modalities."""
        first: dict[str, dict] = {}
        for image in images:
            other = first.setdefault(osp.normpath(image['img_path']), image)
            same = all(image[key] == other[key] for key in ('pid', 'modality'))
            if other is not image and (self.subset == 'test' or not same):
                roles = dict.fromkeys(
                    f'identity {one["pid"]}, {Modality(one["modality"]).name.lower()}' for one in (other, image)
                )
                raise ValueError(
                    f'{self._title}: {image["img_path"]!r} is listed twice (as {"; as ".join(roles)}); '
                    'list each image once.'
                )

    def _whole_numbers(self, images: list[dict], key: str) -> np.ndarray:
        """The values of the label ``key``, one int64 per image."""
        lowest, highest = 0 if key == 'pid' else -(2**63), 2**63 - 1
        for image in images:
            if not isinstance(image[key], (int, np.integer)) or not lowest <= image[key] <= highest:
                raise ValueError(
                    f'{self._title}: the {key} of {image["img_path"]!r} is {image[key]!r}; it must be a '
                    f'whole number from {lowest} to {highest}.'
                )
        return np.array([image[key] for image in images], dtype=np.int64)

    def _require_every_modality(self) -> None:
        for modality in self.MODALITIES:
            lacking = sorted(set(self.pids.tolist()) - set(self.pids[self.modalities == modality].tolist()))
            if lacking:
                raise ValueError(
                    f'{self._title}: identities {lacking} have no {modality.name.lower()} image under '
                    f'{self.data_root!r}; training needs both modalities, so restore the files or take '
                    'these identities off the training list.'
                )

    def _drop_unreadable(self, images: list[dict]) -> list[dict]:
        print_log(f'{self._title}: decoding {len(images)} images to find unreadable ones.', 'current')
        load = next((step for step in self.pipeline.transforms if isinstance(step, LoadReIDImage)), LoadReIDImage())
        steps = Compose([load, lambda results: dict(img=results['img'][:1, :1])])
        owners = [(image, path) for image in images for path in self._files_of(image)]
        decoded = list(decode([path for _, path in owners], steps, self._title))
        unreadable = {image['img_path'] for (image, _), pixels in zip(owners, decoded) if isinstance(pixels, str)}
        readable = [image for image in images if image['img_path'] not in unreadable]
        for error in (pixels for pixels in decoded if isinstance(pixels, str)):
            print_log(f'{self._title}: left out: {error}', 'current', level=logging.WARNING)
        if len(readable) < len(images):
            self._metainfo['left_out'] = len(images) - len(readable)
        return readable

    def read_packed(self, cache_dir: str) -> None:
        """Replace the steps at the head of the pipeline by their packed results."""
        steps = self.pipeline.transforms
        head = list(takewhile(lambda step: isinstance(step, (LoadReIDImage, LanczosResize)), steps))
        if head:
            key = ' '.join(f'{type(step).__name__} {vars(step)}' for step in head)
            paths = [path for index in range(len(self)) for path in self._files_of(self.get_data_info(index))]
            load = load_packed(cache_dir, self._title, paths, Compose(head), key)
            bad = list(load.info['unreadable'].values())
            if self.unreadable == 'raise' and bad:
                raise UnreadableImageError(
                    f'{self._title}: {len(bad)} of {len(paths)} images cannot be decoded. {bad[0]}'
                )
            self.pipeline = Compose([load, *steps[len(head) :]])
