"""Several data sets as one, for training on all of them."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from haresreid.registry import DATASETS

from .listing import list_only
from .vireid_dataset import VIReIDDataset

__all__ = ['JointDataset']


@DATASETS.register_module()
class JointDataset(VIReIDDataset):
    """The images of several data sets. No identity and no camera of one is an identity or a camera of another.

    The numbers of a set follow those of the sets before it: its identities begin after their highest identity, its
    cameras after their highest camera. All images go through one pipeline. There is no protocol for such a set, so it
    is for training; :class:`haresreid.datasets.BalancedIdentitySampler` draws batches from all sets alike.

    Args:
        datasets (Sequence[dict]): Configs of data sets without ``subset`` and ``pipeline``.
        subset, pipeline, unreadable, cache_dir: See :class:`VIReIDDataset`.

    Attributes:
        sources (np.ndarray): (N,) int64, the number of each image's data set, counted from 0.

    Raises:
        ValueError: If fewer than two data sets are given.
    """

    METAINFO: ClassVar = dict(dataset='joint')

    def __init__(
        self,
        datasets: Sequence[dict],
        subset: str = 'train',
        pipeline: Sequence = (),
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if len(datasets) < 2:
            raise ValueError(f'A joint data set needs two data sets or more, got {len(datasets)}.')
        self.datasets = datasets
        super().__init__('', subset, pipeline, check_counts=False, unreadable=unreadable, cache_dir=cache_dir)
        self.sources = np.array([self.get_data_info(index)['source'] for index in range(len(self))])

    @classmethod
    def num_classes_of(cls, cfg: dict) -> int | None:
        """The sum over the data sets, or None if one of them is only known after listing its images."""
        kinds = [
            DATASETS.get(part['type']) if isinstance(part['type'], str) else part['type'] for part in cfg['datasets']
        ]
        numbers = [kind.num_classes_of(part) for kind, part in zip(kinds, cfg['datasets'])]
        return None if None in numbers else sum(numbers)

    def list_images(self) -> list[dict]:
        images: list[dict] = []
        pids = camids = 0
        for source, cfg in enumerate(self.datasets):
            part = list_only(dict(cfg, subset=self.subset))
            images += [
                dict(
                    img_path=path, pid=int(pid) + pids, camid=int(camid) + camids, modality=int(modality), source=source
                )
                for path, pid, camid, modality in zip(part.img_paths, part.pids, part.camids, part.modalities)
            ]
            pids, camids = (1 + max(image[key] for image in images) for key in ('pid', 'camid'))
        return images
