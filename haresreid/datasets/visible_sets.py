"""Visible data sets, to pretrain on: Market-1501, MSMT17 and CUHK03."""

import os.path as osp
import re
from collections.abc import Mapping, Sequence
from glob import glob
from typing import ClassVar

from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import image_files, in_reading_order, require_layout
from .vireid_dataset import VIReIDDataset

__all__ = ['CUHK03', 'MSMT17', 'VISIBLE_SETS', 'Market1501', 'VisibleSet']


class VisibleSet(VIReIDDataset):
    """A training set of visible images, whose file names say identity and camera. It has no test subset here.

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train'; others are refused. Defaults to 'train'.
        pipeline, check_counts, unreadable, cache_dir: See :class:`VIReIDDataset`.

    Raises:
        ValueError: Also if another subset is asked for, or an image's name does not say what it must.
    """

    MODALITIES: ClassVar = (Modality.VISIBLE,)
    FOLDER: ClassVar[str]
    """Where the training images are, below the data root."""
    NAME: ClassVar[re.Pattern]
    """Of an image's file, with the groups ``pid`` and ``camera``."""
    EXAMPLE: ClassVar[str]

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        pipeline: Sequence = (),
        check_counts: bool = True,
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if subset != 'train':
            raise ValueError(
                f'{self.METAINFO["dataset"]} is here to train on, and its subset {subset!r} is asked for; test on a '
                'set of both spectra.'
            )
        super().__init__(data_root, subset, pipeline, check_counts, unreadable, cache_dir)

    @classmethod
    def image_paths(cls, data_root: str) -> list[str]:
        """The training images, named rightly or not."""
        return image_files(osp.join(data_root, cls.FOLDER))

    @classmethod
    def read_name(cls, path: str) -> tuple[int, int] | None:
        """(identity, camera) of an image; None if its name does not say them."""
        found = cls.NAME.match(osp.basename(path))
        return (int(found['pid']), int(found['camera'])) if found else None

    def list_images(self) -> list[dict]:
        require_layout(self.METAINFO['dataset'], self.data_root, (self.FOLDER,))
        images = []
        for path in self.image_paths(self.data_root):
            read = self.read_name(path)
            if read is None:
                raise ValueError(
                    f'{self._title}: the name of {path!r} does not say identity and camera; names look like '
                    f'{self.EXAMPLE}.'
                )
            images.append(dict(img_path=path, pid=read[0], camid=read[1], modality=Modality.VISIBLE))
        return in_reading_order(images)


@DATASETS.register_module()
class Market1501(VisibleSet):
    """Market-1501 (Zheng et al., "Scalable Person Re-identification: A Benchmark", ICCV 2015), the training images.

    ``bounding_box_train/0002_c1s1_000451_03.jpg``: identity 2, camera 1 of six. 751 identities, 12,936 images. The
    arguments are those of :class:`VisibleSet`.
    """

    METAINFO: ClassVar = dict(dataset='Market-1501')
    COUNTS: ClassVar = dict(train=dict(ids=751, visible=12936))
    FOLDER = 'bounding_box_train'
    NAME = re.compile(r'(?P<pid>\d{4})_c(?P<camera>[1-6])s\d_')
    EXAMPLE = '0002_c1s1_000451_03.jpg'


@DATASETS.register_module()
class MSMT17(VisibleSet):
    """MSMT17 (Wei et al., "Person Transfer GAN to Bridge Domain Gap for Person Re-identification", CVPR 2018).

    ``train/0000/0000_000_01_0303morning_0008_0.jpg``: identity 0, camera 1 of fifteen. ``list_train.txt`` and
    ``list_val.txt`` of the release together name all images of ``train``: 1,041 identities, 32,621 images. In the
    second release, with faces masked, the folder is called ``mask_train_v2``; rename it. The arguments are those of
    :class:`VisibleSet`.
    """

    METAINFO: ClassVar = dict(dataset='MSMT17')
    COUNTS: ClassVar = dict(train=dict(ids=1041, visible=32621))
    FOLDER = 'train'
    NAME = re.compile(r'(?P<pid>\d{4})_\d{3}_(?P<camera>0[1-9]|1[0-5])_')
    EXAMPLE = '0000_000_01_0303morning_0008_0.jpg'

    @classmethod
    def image_paths(cls, data_root):
        return [path for folder in sorted(glob(osp.join(data_root, cls.FOLDER, '*'))) for path in image_files(folder)]


@DATASETS.register_module()
class CUHK03(VisibleSet):
    """CUHK03 (Li et al., CVPR 2014) in the layout of Market-1501, by the protocol of Zhong et al. (CVPR 2017).

    ``bounding_box_train/0001_c1_1.png``: identity 1, camera 1 of two. 767 identities. The number of images depends on
    whether the boxes are detected or drawn by hand, so only the identities are counted. The arguments are those of
    :class:`VisibleSet`.
    """

    METAINFO: ClassVar = dict(dataset='CUHK03')
    COUNTS: ClassVar = dict(train=dict(ids=767))
    FOLDER = 'bounding_box_train'
    NAME = re.compile(r'(?P<pid>\d{4})_c(?P<camera>[12])_')
    EXAMPLE = '0001_c1_1.png'


VISIBLE_SETS: Mapping[str, type[VisibleSet]] = dict(market1501=Market1501, msmt17=MSMT17, cuhk03=CUHK03)
"""By the name that the command line uses."""
