"""A protocol's rules on queries and a gallery that other code chose."""

import numpy as np

from .cross_modal import CrossModalProtocol

__all__ = ['FixedGallery']


class FixedGallery(CrossModalProtocol):
    """Given queries and gallery, under a protocol's camera rule and way of counting CMC: one trial, no draw.

    Its results have their own name, 'sysu/all (given gallery)', because it is unknown how that gallery was chosen.

    Args:
        protocol (CrossModalProtocol): The protocol whose rules are followed.
        query (np.ndarray): (Q,) indices of the queries among the images.
        gallery (np.ndarray): (G,) indices of the gallery, in the order that breaks ties.
    """

    def __init__(self, protocol: CrossModalProtocol, query: np.ndarray, gallery: np.ndarray):
        self.protocol, self.query, self.gallery = protocol, query, gallery
        self.dataset, self.count_identities = protocol.dataset, protocol.count_identities
        self.name = f'{protocol.name} (given gallery)'
        self.description = f'query and gallery as given, nothing drawn; camera rule and CMC of {protocol.name}'

    def draws(self, images, trials=None):
        return [(self.query, self.gallery)] * len(self.trials if trials is None else trials)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return self.protocol.excluded(query_pids, query_camids, gallery_pids, gallery_camids)
