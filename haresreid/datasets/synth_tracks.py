"""SynVI's walks as a data set: drawn on first use, afterwards read like any other."""

from collections.abc import Sequence
from typing import ClassVar

from haresreid.registry import DATASETS
from haresreid.synvi import SynVISpec, subset_counts

from . import bupt_campus, hitsz_vcm
from .synth import draw_once
from .tracklet_dataset import TrackletDataset

__all__ = ['SynthTracks']


@DATASETS.register_module()
class SynthTracks(TrackletDataset):
    """SynVI, procedurally drawn people who walk past cameras: a smoke benchmark, never evidence about real data.

    The first use draws the images into ``data_root``, see :class:`SynthVIReID`.

    Args:
        data_root (str): Folder of the set. It must be new, empty, or hold the set that these arguments describe.
        subset (str): 'train' (with the validation identities) or 'test'. Defaults to 'train'.
        layout (str): 'vcm' (a camera's spectra at different times) or 'bupt' (both at once). Defaults to 'vcm'.
        level (str): 'easy', 'standard' or 'context'. Defaults to 'easy'.
        num_ids (Sequence[int]): Number of (train, validation, test) identities. Defaults to (150, 0, 50).
        tracks_per_camera (int): Walks of each identity past each camera. Defaults to 1.
        frames (int): Frames of a walk. Defaults to 12.
        size (Sequence[int]): Image (height, width) in pixels. Defaults to (96, 48).
        seed (int): Seed of every draw. Defaults to 0.
        num_frames (int): Frames of an item. Defaults to 4.
        pipeline, unreadable, cache_dir: See :class:`TrackletDataset`.

    Raises:
        ValueError: If the arguments describe no possible set of tracks, or ``data_root`` holds something else.
    """

    METAINFO: ClassVar = dict(dataset='SynVI')
    WAY_OUT = 'delete this folder, and the set is drawn anew'
    NUM_IDS = (150, 0, 50)

    def __init__(
        self,
        data_root: str,
        subset: str = 'train',
        layout: str = 'vcm',
        level: str = 'easy',
        num_ids: Sequence[int] = NUM_IDS,
        tracks_per_camera: int = 1,
        frames: int = 12,
        size: Sequence[int] = (96, 48),
        seed: int = 0,
        num_frames: int = 4,
        pipeline: Sequence = (),
        unreadable: str = 'raise',
        cache_dir: str | None = None,
    ):
        self.spec = SynVISpec(layout, level, tuple(num_ids), tracks_per_camera, tuple(size), seed, frames)
        self.COUNTS = {subset: subset_counts(self.spec, subset)}
        super().__init__(data_root, subset, num_frames, pipeline, unreadable=unreadable, cache_dir=cache_dir)
        self._metainfo['layout'] = layout

    @classmethod
    def num_classes_of(cls, cfg: dict) -> int:
        """Training plus validation identities."""
        return sum(cfg.get('num_ids', cls.NUM_IDS)[:2])

    def list_tracks(self) -> list[dict]:
        draw_once(self.data_root, self.spec)
        if self.spec.layout == 'vcm':
            return hitsz_vcm.list_tracks(self.data_root, self.subset)
        return bupt_campus.list_tracks(self.data_root, self.subset)
