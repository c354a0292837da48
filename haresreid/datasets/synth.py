"""SynVI as a data set: drawn on first use, afterwards read like any other."""

from collections.abc import Sequence
from typing import ClassVar

from mmengine.dist import barrier, is_main_process

from haresreid.catalogue import CATALOGUE, IMAGE_LAYOUTS, LAYOUTS
from haresreid.registry import DATASETS
from haresreid.synvi import SynVISpec, subset_counts, write_synvi

from . import llcm, regdb, sysu_mm01
from .vireid_dataset import VIReIDDataset

__all__ = ['SynthVIReID', 'draw_once']


@DATASETS.register_module()
class SynthVIReID(VIReIDDataset):
    """SynVI, procedurally drawn people in the layout of a real set: a smoke benchmark, never evidence about real data.

    The first use draws the images into ``data_root`` (several processes, resumable); later ones only read them. In
    distributed runs the main process draws and the others wait, so all of them must see the same disk.

    Args:
        data_root (str): Folder of the set. It must be new, empty, or hold the set that these arguments describe.
        subset (str): 'train' (with the validation identities) or 'test'. Defaults to 'train'.
        layout (str): 'sysu' (six cameras, near-infrared), 'regdb' (thermal) or 'llcm' (low light). Defaults to 'sysu'.
        level (str): 'easy', 'standard' or 'context'. Defaults to 'easy'.
        num_ids (Sequence[int]): Number of (train, validation, test) identities. Defaults to (400, 0, 60).
        images_per_camera (int): Images of each identity in each camera. Defaults to 2.
        size (Sequence[int]): Image (height, width) in pixels. Defaults to (96, 48).
        seed (int): Seed of every draw. Defaults to 0.
        split (int): Which of the ten partitions; only the layout 'regdb' has more than one. Defaults to 1.
        pipeline, unreadable, cache_dir: See :class:`VIReIDDataset`.

    Raises:
        ValueError: If the arguments describe no possible set, or ``data_root`` holds something else.
    """

    METAINFO: ClassVar = dict(dataset='SynVI')
    WAY_OUT = 'delete this folder, and the set is drawn anew'
    NUM_IDS = (400, 0, 60)

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        layout: str = 'sysu',
        level: str = 'easy',
        num_ids: Sequence[int] = NUM_IDS,
        images_per_camera: int = 2,
        size: Sequence[int] = (96, 48),
        seed: int = 0,
        split: int = 1,
        pipeline: Sequence = (),
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        if layout in LAYOUTS and layout not in IMAGE_LAYOUTS:
            raise ValueError(f'The layout {layout!r} of SynVI holds tracks: take the data set SynthTracks.')
        self.spec = SynVISpec(layout, level, tuple(num_ids), images_per_camera, tuple(size), seed)
        splits = CATALOGUE[layout].splits
        if split not in splits:
            raise ValueError(
                f'split={split!r} does not exist: the layout {layout!r} of SynVI has '
                f'{f"the splits 1..{splits[-1]}" if len(splits) > 1 else "split 1 only"}.'
            )
        self.split = split
        self.COUNTS = {subset: subset_counts(self.spec, subset, split)}
        super().__init__(data_root, subset, pipeline, unreadable=unreadable, cache_dir=cache_dir)
        self._metainfo['layout'] = layout
        if len(splits) > 1:
            self._metainfo['split'] = split

    @classmethod
    def num_classes_of(cls, cfg: dict) -> int:
        """Training plus validation identities: in every layout these make up the training subset."""
        return sum(cfg.get('num_ids', cls.NUM_IDS)[:2])

    def list_images(self) -> list[dict]:
        draw_once(self.data_root, self.spec)
        if self.spec.layout == 'regdb':
            return regdb.list_images(self.data_root, self.subset, self.split)
        layout = {'sysu': sysu_mm01, 'llcm': llcm}[self.spec.layout]
        return layout.list_images(self.data_root, self.subset)


def draw_once(data_root: str, spec: SynVISpec) -> None:
    """Draw a set unless it is there; in a distributed run the main process draws, and the others wait."""
    try:
        if is_main_process():
            write_synvi(data_root, spec)
    finally:
        barrier()  # reached even after an error, or other processes would wait forever
