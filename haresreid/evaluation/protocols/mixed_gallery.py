"""Protocols whose gallery holds both spectra, as a camera network's does."""

import numpy as np

from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol
from .draws import draw_with_seed, group_images, in_order

__all__ = ['MIXED_DIRECTIONS', 'MixedGalleryProtocol']

MIXED_DIRECTIONS = {'v2m': 'v2i', 'i2m': 'i2v'}
"""A direction, and that of the same queries against the other modality alone."""
SYSU_LOCATIONS = np.array([0, 1, 2, 2, 4, 5, 6])
"""Camera of SYSU-MM01 -> its place: cameras 2 and 3 film one room."""


@PROTOCOLS.register_module()
class MixedGalleryProtocol(CrossModalProtocol):
    """Images of one modality query a gallery of both. No publication defines these rules.

    A model ranks images of the query's own spectrum first when the spectrum says more to it than the person. The usual
    protocols cannot show that.

    On SYSU-MM01 and LLCM the gallery holds one image per identity, camera and modality, in 10 draws; the part of the
    other modality is that of 'sysu/all' or 'llcm/v2i'. CMC counts distinct identities. On one's own data the gallery
    holds everything. A query never sees its own camera's images of its person (on SYSU-MM01, of anybody in its
    place, as in the official rule), so a person must be seen by several cameras of a modality to be found within it.

    Args:
        direction (str): 'v2m' (visible queries) or 'i2m'. Defaults to 'v2m'.
        dataset (str): 'own', 'sysu' or 'llcm'. Defaults to 'own'.
    """

    def __init__(self, direction: str = 'v2m', dataset: str = 'own'):
        if direction not in MIXED_DIRECTIONS:
            raise ValueError(f"direction must be 'v2m' or 'i2m', got {direction!r}.")
        if dataset not in ('own', 'sysu', 'llcm'):
            raise ValueError(f"dataset must be 'own', 'sysu' or 'llcm', got {dataset!r}.")
        super().__init__(MIXED_DIRECTIONS[direction])
        self.dataset, self.name = dataset, f'{dataset}/{direction}'
        self.drawn = dataset != 'own'
        self.trials, self.count_identities = range(10) if self.drawn else (0,), self.drawn
        self.description = (
            'one gallery image per identity, camera and modality, drawn with the trial number as seed'
            if self.drawn
            else 'all images of one modality query all images of both, but not those of the same person and camera'
        )

    def draws(self, images, trials=None):
        trials = list(self.trials if trials is None else trials)
        own = group_images(images, np.asarray(images.modalities) == self.query_modality)
        return [
            (query, np.concatenate([other, self._draw_gallery(own, trial)]))
            for trial, (query, other) in zip(trials, super().draws(images, trials))
        ]

    def _draw_gallery(self, groups, trial):
        return draw_with_seed(groups, trial, shots=1) if self.drawn else in_order(groups)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        if self.dataset == 'sysu':
            return SYSU_LOCATIONS[query_camids][:, None] == SYSU_LOCATIONS[gallery_camids]
        return (query_pids[:, None] == gallery_pids) & (query_camids[:, None] == gallery_camids)
