"""A user's own data, listed in one CSV file."""

import os.path as osp
from collections.abc import Sequence
from typing import ClassVar

from haresreid.files.csv_files import read_csv
from haresreid.files.numbers import INT32_MAX, whole_number
from haresreid.files.paths import expand_home
from haresreid.files.printable import shortened
from haresreid.registry import DATASETS

from .layout import in_reading_order
from .vireid_dataset import VIReIDDataset

__all__ = ['ManifestDataset', 'list_images']

COLUMNS = ('path', 'pid', 'camera', 'modality', 'split')


def list_images(csv: str, subset: str) -> list[dict]:
    """Images of one subset of a manifest in the order identity, camera, file.

    Args:
        csv (str): The manifest; its image paths are relative to its folder.
        subset (str): 'train' or 'test'.

    Returns:
        list[dict]: ``dict(img_path, pid, camid, modality)``.

    Raises:
        FileNotFoundError: If the file or an image of the subset is missing.
        ValueError: If a line cannot be read, or an identity is in both splits.
    """
    if not osp.isfile(csv):
        raise FileNotFoundError(
            f'Manifest {csv!r} does not exist; it must be a CSV file with the columns {",".join(COLUMNS)}.'
        )
    rows = [(_parse_row(row, csv, line), row['split'].lower()) for line, row in read_csv(csv, COLUMNS)]
    pids = {name: {image['pid'] for image, split in rows if split == name} for name in ('train', 'test')}
    shared = sorted(pids['train'] & pids['test'])
    if shared:
        raise ValueError(
            f'Manifest {csv!r}: identities {shared} are in both splits; give each identity to train or to test.'
        )
    images = [image for image, split in rows if split == subset]
    absent = [image['img_path'] for image in images if not osp.isfile(image['img_path'])]
    if absent:
        raise FileNotFoundError(
            f'Manifest {csv!r}: {len(absent)} of {len(images)} {subset} images do not exist, '
            f'the first is {absent[0]!r}; paths are relative to the folder of the manifest.'
        )
    return in_reading_order(images)


def _parse_row(row: dict, csv: str, line: int) -> dict:
    modalities = {modality.name.lower(): modality for modality in ManifestDataset.MODALITIES}
    try:
        if row['split'].lower() not in ('train', 'test'):
            raise ValueError(f'split must be train or test, found {shortened(row["split"])}')
        if row['modality'].lower() not in modalities:
            raise ValueError(f'modality must be visible or infrared, found {shortened(row["modality"])}')
        if not row['path']:
            raise ValueError('there is no path')
        return dict(
            img_path=osp.join(osp.dirname(csv), row['path']),
            pid=whole_number(row['pid'], what='pid'),
            camid=whole_number(row['camera'], 0, INT32_MAX, 'camera'),
            modality=modalities[row['modality'].lower()],
        )
    except ValueError as error:
        raise ValueError(f'Manifest {csv!r}, line {line}: {error}.') from None


@DATASETS.register_module()
class ManifestDataset(VIReIDDataset):
    """Own data: one CSV file, one line per image.

    .. code-block:: text

        path,pid,camera,modality,split
        images/0001_a.jpg,1,1,visible,train
        images/0001_b.png,1,2,infrared,train
        images/0007_a.jpg,7,1,visible,test

    ``path`` is relative to the CSV file. ``pid`` and ``camera`` are non-negative integers (of at most 64 and 32 bits).
    ``modality`` is ``visible`` or ``infrared``, and ``split`` is ``train`` or ``test``. There are no other columns. An
    identity belongs to one split only. Image counts are not checked, since there are no official ones. The file is read
    by :func:`haresreid.files.csv_files.read_csv`.

    Args:
        csv (str): The manifest, relative to ``data_root``. Defaults to 'manifest.csv'.
        data_root (str): Folder of the manifest. Defaults to '', the working directory.
        subset, pipeline, unreadable, cache_dir: See :class:`VIReIDDataset`.
    """

    METAINFO: ClassVar = dict(dataset='manifest')

    def __init__(
        self,
        csv: str = 'manifest.csv',
        data_root: str = '',
        subset: str = 'train',
        pipeline: Sequence = (),
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        self.csv = osp.join(expand_home(data_root), expand_home(csv))
        super().__init__(data_root, subset, pipeline, False, unreadable, cache_dir)

    def list_images(self) -> list[dict]:
        return list_images(self.csv, self.subset)
