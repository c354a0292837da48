"""HITSZ-VCM's protocol."""

from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol

__all__ = ['VCMProtocol']


@PROTOCOLS.register_module()
class VCMProtocol(CrossModalProtocol):
    """HITSZ-VCM: all test tracks of one modality against all of the other; nothing is drawn.

    Every camera films both modalities. Gallery tracks of the query's person in the query's camera are dropped, those of
    other people stay, and CMC counts tracks, as in the released code (Lin et al., CVPR 2022: ``evaluate`` in
    ``eval_metrics.py`` of VCM-project233/MITML). The release lists its infrared test tracks as queries; in the other
    direction the same code exchanges query and gallery.

    Args:
        direction (str): 'v2i' or 'i2v'.
    """

    dataset = 'vcm'
    description = "all test tracks; a query skips its person's tracks of its own camera; CMC counts tracks"

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_pids[:, None] == gallery_pids) & (query_camids[:, None] == gallery_camids)
