"""RegDB: a visible and a thermal camera side by side."""

import os.path as osp
from collections.abc import Sequence
from typing import ClassVar

from haresreid.catalogue import CATALOGUE
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import in_reading_order, read_index, require_layout, require_shared_labels
from .vireid_dataset import VIReIDDataset

__all__ = ['RegDB', 'list_images']


def list_images(data_root: str, subset: str, split: int = 1) -> list[dict]:
    """Images of a RegDB layout in the order identity, camera (visible 1, thermal 2), file.

    Args:
        data_root (str): Folder that holds ``Visible``, ``Thermal`` and ``idx``.
        subset (str): 'train' or 'test'.
        split (int): Which of the train/test partitions, 1..10. Defaults to 1.

    Returns:
        list[dict]: ``dict(img_path, pid, camid, modality)``; the pid is the number of the image's folder.
    """
    require_layout('RegDB', data_root, CATALOGUE['regdb'].all_folders)
    images = _read_split(data_root, subset, split)
    other = _read_split(data_root, 'test' if subset == 'train' else 'train', split)
    shared = sorted({image['pid'] for image in images} & {image['pid'] for image in other})
    if shared:
        raise ValueError(
            f'RegDB split {split}: identities {shared} are in the training and in the test lists under '
            f'{osp.join(data_root, "idx")!r}; results on identities seen in training mean nothing.'
        )
    return in_reading_order(images)


def _read_split(data_root: str, subset: str, split: int) -> list[dict]:
    visible, thermal = (
        read_index(data_root, osp.join('idx', f'{subset}_{name}_{split}.txt')) for name in ('visible', 'thermal')
    )
    if subset == 'train':
        require_shared_labels(f'RegDB split {split}', visible + thermal)
    return [
        dict(img_path=path, pid=pid, camid=camid, modality=modality)
        for entries, camid, modality in ((visible, 1, Modality.VISIBLE), (thermal, 2, Modality.INFRARED))
        for path, pid, _ in entries
    ]


@DATASETS.register_module()
class RegDB(VIReIDDataset):
    """RegDB, visible and thermal images of 412 people.

    Nguyen et al., "Person Recognition System Based on a Combination of Body Images from Visible Light and Thermal
    Cameras", Sensors 2017.

    .. code-block:: text

        data_root/
        ├── Visible/
        │   └── 1/                   identity
        │       ├── male_front_v_....bmp
        │       └── ...              10 images
        ├── Thermal/
        │   └── 1/ ...
        └── idx/
            ├── train_visible_1.txt  lines "Visible/1/<name>.bmp 0": path, label 0..205
            ├── train_thermal_1.txt
            ├── test_visible_1.txt
            ├── test_thermal_1.txt
            └── ..._10.txt

    ====== ==== ======= ======== ======
    subset ids  visible infrared images
    ====== ==== ======= ======== ======
    train  206  2,060   2,060    4,120
    test   206  2,060   2,060    4,120
    ====== ==== ======= ======== ======

    The numbers hold for each of the ten splits. A model is trained and tested on the same split, and published figures
    are means over ten models. ``metainfo['split']`` records the split.

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train' or 'test'. Defaults to 'train'.
        split (int): 1..10. Defaults to 1.
        pipeline, check_counts, unreadable, cache_dir: See :class:`VIReIDDataset`.
    """

    METAINFO: ClassVar = dict(dataset=CATALOGUE['regdb'].title)
    COUNTS: ClassVar = CATALOGUE['regdb'].counts

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        split: int = 1,
        pipeline: Sequence = (),
        check_counts: bool = True,
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if split not in CATALOGUE['regdb'].splits:
            raise ValueError(f'RegDB has the splits 1..10, got split={split!r}.')
        self.split = split
        super().__init__(data_root, subset, pipeline, check_counts, unreadable, cache_dir)
        self._metainfo['split'] = split

    def list_images(self) -> list[dict]:
        return list_images(self.data_root, self.subset, self.split)
