"""A user's own data, listed in one CSV file."""

import csv as csv_module
import os.path as osp
from typing import List, Optional, Sequence

from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import in_reading_order
from .vireid_dataset import VIReIDDataset

__all__ = ['ManifestDataset', 'list_images']

COLUMNS = ('path', 'pid', 'camera', 'modality', 'split')


def list_images(csv: str, subset: str) -> List[dict]:
    """Images of one subset of a manifest in the order identity, camera, file.

    Args:
        csv (str): The manifest; its image paths are relative to its folder.
        subset (str): 'train' or 'test'.

    Returns:
        list[dict]: ``dict(img_path, pid, camid, modality)``.
    """
    if not osp.isfile(csv):
        raise FileNotFoundError(f'Manifest {csv!r} does not exist; '
                                f'it must be a CSV file with the columns {",".join(COLUMNS)}.')
    with open(csv, encoding='utf-8-sig', newline='') as file:  # -sig: spreadsheets put a byte order mark first
        reader = csv_module.DictReader(file)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f'Manifest {csv!r}: its first line lacks {", ".join(missing)}; '
                             f'the columns are {",".join(COLUMNS)}.')
        rows = [(_parse_row(row, csv, reader.line_num), row['split'].strip()) for row in reader]

    pids = {name: {image['pid'] for image, split in rows if split == name} for name in ('train', 'test')}
    shared = sorted(pids['train'] & pids['test'])
    if shared:
        raise ValueError(f'Manifest {csv!r}: identities {shared} are in both splits; '
                         'give each identity to train or to test.')
    images = [image for image, split in rows if split == subset]
    absent = [image['img_path'] for image in images if not osp.isfile(image['img_path'])]
    if absent:
        raise FileNotFoundError(f'Manifest {csv!r}: {len(absent)} of {len(images)} {subset} images do not exist, '
                                f'the first is {absent[0]!r}; paths are relative to the folder of the manifest.')
    return in_reading_order(images)


def _parse_row(row: dict, csv: str, line: int) -> dict:
    modalities = {modality.name.lower(): modality for modality in Modality}
    try:
        split, modality = row['split'].strip(), row['modality'].strip()
        if split not in ('train', 'test'):
            raise ValueError(f'split must be train or test, found {split!r}')
        if modality not in modalities:
            raise ValueError(f'modality must be visible or infrared, found {modality!r}')
        return dict(
            img_path=osp.join(osp.dirname(csv), row['path'].strip()),
            pid=int(row['pid']),
            camid=int(row['camera']),
            modality=modalities[modality])
    except (ValueError, AttributeError, TypeError) as error:  # a short line leaves None in its last columns
        raise ValueError(f'Manifest {csv!r}, line {line}: {error}.') from None


@DATASETS.register_module()
class ManifestDataset(VIReIDDataset):
    """Own data: one CSV file, one line per image.

    .. code-block:: text

        path,pid,camera,modality,split
        images/0001_a.jpg,1,1,visible,train
        images/0001_b.png,1,2,infrared,train
        images/0007_a.jpg,7,1,visible,test

    ``path`` is relative to the CSV file, ``pid`` and ``camera`` are integers, ``modality`` is ``visible`` or
    ``infrared``, ``split`` is ``train`` or ``test``. An identity belongs to one split. There are no official counts to
    check.

    Args:
        csv (str): The manifest, relative to ``data_root``. Defaults to 'manifest.csv'.
        data_root (str): Folder of the manifest. Defaults to '', the working directory.
        subset, pipeline, unreadable, cache_dir: See :class:`VIReIDDataset`.
    """

    METAINFO = dict(dataset='manifest')

    def __init__(self,
                 csv: str = 'manifest.csv',
                 data_root: str = '',
                 subset: str = 'train',
                 pipeline: Sequence = (),
                 unreadable: str = 'raise',
                 cache_dir: Optional[str] = None):
        self.csv = osp.join(osp.expanduser(data_root), csv)
        super().__init__(data_root, subset, pipeline, False, unreadable, cache_dir)

    def list_images(self) -> List[dict]:
        return list_images(self.csv, self.subset)
