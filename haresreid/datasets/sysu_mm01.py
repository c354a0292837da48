"""SYSU-MM01: six cameras of a campus, two of them near-infrared."""

import os.path as osp
from typing import ClassVar

from haresreid.catalogue import CATALOGUE
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import image_files, in_reading_order, read_ids, require_layout
from .vireid_dataset import VIReIDDataset

__all__ = ['SYSUMM01', 'list_images']

INFRARED_CAMERAS = CATALOGUE['sysu'].cameras['infrared']
ID_LISTS = dict(train=('train_id.txt', 'val_id.txt'), test=('test_id.txt',))


def list_images(data_root: str, subset: str) -> list[dict]:
    """Images of a SYSU-MM01 layout in the order identity, camera, file.

    Args:
        data_root (str): Folder that holds ``cam1`` ... ``cam6`` and ``exp``.
        subset (str): 'train' (``train_id.txt`` and ``val_id.txt`` together, as all published results do) or 'test'.

    Returns:
        list[dict]: ``dict(img_path, pid, camid, modality)``.
    """
    require_layout('SYSU-MM01', data_root, CATALOGUE['sysu'].all_folders)
    pids = {pid for name in ID_LISTS[subset] for pid in read_ids(osp.join(data_root, 'exp', name))}
    images = [
        dict(
            img_path=path,
            pid=pid,
            camid=camid,
            modality=Modality.INFRARED if camid in INFRARED_CAMERAS else Modality.VISIBLE,
        )
        for pid in pids
        for camid in range(1, 7)
        for path in image_files(osp.join(data_root, f'cam{camid}', f'{pid:04d}'))
    ]
    absent = sorted(pids - {image['pid'] for image in images})
    if absent:
        raise ValueError(
            f'SYSU-MM01: identities {absent} of {" and ".join(ID_LISTS[subset])} have no image in any '
            f'camera folder of {data_root!r}; unpack the data set again or correct the list.'
        )
    return in_reading_order(images)


@DATASETS.register_module()
class SYSUMM01(VIReIDDataset):
    """SYSU-MM01 (Wu et al., "RGB-Infrared Cross-Modality Person Re-Identification", ICCV 2017).

    .. code-block:: text

        data_root/
        ├── cam1/ ... cam6/          visible: 1, 2, 4, 5; near-infrared: 3, 6
        │   └── 0006/                identity, four digits
        │       ├── 0001.jpg
        │       └── ...
        └── exp/
            ├── train_id.txt         one line: 1,2,4,...
            ├── val_id.txt
            └── test_id.txt

    ====== ==== ======= ======== ======
    subset ids  visible infrared images
    ====== ==== ======= ======== ======
    train  395  22,258  11,909   34,167
    test   96   6,775   3,803    10,578
    ====== ==== ======= ======== ======

    The training subset is ``train_id`` (296 ids) plus ``val_id`` (99 ids). Not every camera sees every identity:
    cameras 1 and 2 show 56 of the 96 test identities. The arguments are those of :class:`VIReIDDataset`.
    """

    METAINFO: ClassVar = dict(dataset=CATALOGUE['sysu'].title)
    COUNTS: ClassVar = CATALOGUE['sysu'].counts

    def list_images(self) -> list[dict]:
        return list_images(self.data_root, self.subset)
