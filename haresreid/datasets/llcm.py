"""LLCM: nine places in low light, each filmed in both spectra."""

import os.path as osp
import re
from itertools import chain
from typing import ClassVar

from haresreid.catalogue import CATALOGUE
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import image_files, in_reading_order, read_ids, read_index, require_layout, require_shared_labels
from .vireid_dataset import VIReIDDataset

__all__ = ['LLCM', 'list_images']

FOLDERS = {Modality.VISIBLE: 'vis', Modality.INFRARED: 'nir'}
CAMERA_IN_NAME = re.compile(r'_c([0-9]+)_')


def list_images(data_root: str, subset: str) -> list[dict]:
    """Images of an LLCM layout in the order identity, camera, file. The camera is the number of the place.

    Args:
        data_root (str): Folder that holds ``idx``, ``vis``, ``nir``, ``test_vis`` and ``test_nir``.
        subset (str): 'train' or 'test'.

    Returns:
        list[dict]: ``dict(img_path, pid, camid, modality)``.
    """
    require_layout('LLCM', data_root, CATALOGUE['llcm'].all_folders)
    return in_reading_order(_train_images(data_root) if subset == 'train' else _test_images(data_root))


def _train_images(data_root: str) -> list[dict]:
    entries = {
        modality: read_index(data_root, osp.join('idx', f'train_{name}.txt')) for modality, name in FOLDERS.items()
    }
    require_shared_labels('LLCM', list(chain(*entries.values())))
    return [
        dict(img_path=path, pid=pid, camid=_camera_of(path), modality=modality)
        for modality, listed in entries.items()
        for path, pid, _ in listed
    ]


def _camera_of(path: str) -> int:
    found = CAMERA_IN_NAME.search(osp.basename(path))
    if not found:
        raise ValueError(
            f'LLCM: no camera number in the image name {path!r}; names look like 0001_c01_s185535_f7010_nir.jpg.'
        )
    return int(found[1])


def _test_images(data_root: str) -> list[dict]:
    return [
        dict(img_path=path, pid=pid, camid=camid, modality=modality)
        for pid in read_ids(osp.join(data_root, 'idx', 'test_id.txt'))
        for modality, name in FOLDERS.items()
        for camid in range(1, 10)
        for path in image_files(osp.join(data_root, f'test_{name}', f'cam{camid}', f'{pid:04d}'))
    ]


@DATASETS.register_module()
class LLCM(VIReIDDataset):
    """LLCM, low-light images of nine visible and eight near-infrared cameras.

    Zhang and Wang, "Diverse Embedding Expansion Network and Low-Light Cross-Modality Benchmark for Visible-Infrared
    Person Re-identification", CVPR 2023.

    .. code-block:: text

        data_root/
        ├── idx/
        │   ├── train_vis.txt        lines "vis/0001/<name>.jpg 0": path, label 0..712
        │   ├── train_nir.txt
        │   └── test_id.txt          one line: 3,5,...
        ├── vis/0001/0001_c01_s185535_f7010_vis.jpg
        ├── nir/0001/0001_c01_s185535_f7010_nir.jpg
        ├── test_vis/cam1/0003/*.jpg ... cam9/
        └── test_nir/cam1/0003/*.jpg ... cam9/     no cam3

    ====== ==== ======= ======== ======
    subset ids  visible infrared images
    ====== ==== ======= ======== ======
    train  713  16,946  13,975   30,921
    test   351                   15,846
    ====== ==== ======= ======== ======

    The publications give only the total number of test images. The arguments are those of :class:`VIReIDDataset`.
    """

    METAINFO: ClassVar = dict(dataset=CATALOGUE['llcm'].title)
    COUNTS: ClassVar = CATALOGUE['llcm'].counts

    def list_images(self) -> list[dict]:
        return list_images(self.data_root, self.subset)
