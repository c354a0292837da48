"""LLCM's protocol, and the rule of its released script."""

from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol
from .draws import draw_with_seed

__all__ = ['LLCMProtocol']


@PROTOCOLS.register_module()
class LLCMProtocol(CrossModalProtocol):
    """LLCM: all test images of one modality against a gallery of one image per identity and camera, 10 draws.

    A camera number stands for one place that films both modalities. Gallery images of the query's identity taken by the
    query's camera are therefore dropped; those of other people stay. CMC counts distinct identities. In both directions
    the queries are *all* images and the gallery is the *drawn* one.

    Args:
        direction (str): 'v2i' (VIS to NIR) or 'i2v'.
        legacy_swap (bool): Follow the released test script for VIS to NIR, to check results made with it: the *drawn*
            NIR images query *all* VIS images, which raises Rank-1 and lowers mAP. This is not the paper's protocol, and
            its name 'llcm/v2i-legacy' keeps the two out of one table. Defaults to False.
    """

    dataset = 'llcm'
    trials = range(10)
    count_identities = True

    def __init__(self, direction: str = 'v2i', legacy_swap: bool = False):
        super().__init__(direction)
        if legacy_swap and direction != 'v2i':
            raise ValueError("legacy_swap is a fault of the direction 'v2i' of LLCM's released script; 'i2v' has none.")
        self.legacy_swap = legacy_swap
        self.description = 'one gallery image per identity and camera, drawn with the trial number as seed'
        if legacy_swap:
            self.name += '-legacy'
            self.description = (
                'LEGACY, roles swapped as in the released script: the drawn NIR images query all VIS '
                'images; not comparable with llcm/v2i'
            )

    def draws(self, images, trials=None):
        draws = super().draws(images, trials)
        return [(gallery, query) for query, gallery in draws] if self.legacy_swap else draws

    def _draw_gallery(self, groups, trial):
        return draw_with_seed(groups, trial, shots=1)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_pids[:, None] == gallery_pids) & (query_camids[:, None] == gallery_camids)
