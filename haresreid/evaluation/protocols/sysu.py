"""SYSU-MM01's protocols."""

from typing import ClassVar

import numpy as np

from haresreid.catalogue import CATALOGUE
from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol
from .draws import draw_with_seed
from .official_galleries import OfficialGalleries

__all__ = ['SYSUProtocol']


@PROTOCOLS.register_module()
class SYSUProtocol(CrossModalProtocol):
    """SYSU-MM01: all 3,803 infrared test images against a drawn visible gallery, 10 draws.

    The gallery holds ``shots`` images per identity and camera: cameras 1, 2, 4, 5 in all-search (301 images of 96
    identities at one shot), 1 and 2 in indoor-search (112 of 56). Cameras 2 and 3 film one room, so queries of camera 3
    skip *every* image of camera 2, whoever it shows. CMC counts distinct identities. Indoor queries of the 40 people
    whom cameras 1 and 2 never saw are invalid and count in no metric. Trial t draws like the field's common Python
    code, or like the authors' MATLAB code: different images of the same numbers, and metrics that differ by noise.

    Args:
        mode (str): 'all' or 'indoor'.
        shots (int): 1 or 10 images per identity and camera.
        rand_perm_cam (str, optional): Path of the official ``rand_perm_cam.mat``, to take the draws from it; results
            are then named 'sysu/all-official'. Defaults to None: draw by the Python rule.
    """

    dataset = 'sysu'
    trials = range(10)
    count_identities = True
    cameras: ClassVar = {'all': CATALOGUE['sysu'].cameras['visible'], 'indoor': (1, 2)}

    def __init__(self, mode: str = 'all', shots: int = 1, rand_perm_cam: str | None = None):
        if mode not in self.cameras:
            raise ValueError(f"mode must be 'all' or 'indoor', got {mode!r}.")
        if shots not in (1, 10):
            raise ValueError(f'shots must be 1 or 10, got {shots!r}.')
        super().__init__('i2v')
        self.mode, self.shots = mode, shots
        self.official = None if rand_perm_cam is None else OfficialGalleries(rand_perm_cam)
        self.name = f'sysu/{mode}' + ('' if shots == 1 else f'-{shots}shot') + ('-official' if self.official else '')
        source = 'taken from the official rand_perm_cam.mat' if self.official else 'drawn with the trial number as seed'
        self.description = f'{shots} gallery image{"s" * (shots > 1)} per identity and camera, {source}'

    def _candidates(self, images):
        return super()._candidates(images) & np.isin(images.camids, self.cameras[self.mode])

    def _draw_gallery(self, groups, trial):
        if self.official is None:
            return draw_with_seed(groups, trial, self.shots)
        return np.array(
            [
                indices[position]
                for pid, camid, indices in groups
                for position in self.official.order(pid, camid, trial, len(indices))[: self.shots]
            ]
        )

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_camids == 3)[:, None] & (gallery_camids == 2)
