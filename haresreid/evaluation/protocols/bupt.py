"""BUPTCampus's protocol."""

import numpy as np

from haresreid.registry import PROTOCOLS

from .cross_modal import CrossModalProtocol

__all__ = ['BUPTProtocol']


@PROTOCOLS.register_module()
class BUPTProtocol(CrossModalProtocol):
    """BUPTCampus: the listed query tracks of one modality against the listed gallery tracks of the other.

    There is one query track for each test person, of either modality. There is no camera rule, and CMC counts tracks,
    as in the released code (Du et al., TIFS 2023: ``evaluation.py`` and ``test.py`` of dyhBUPT/BUPTCampus). Later code
    drops the query's person in the query's camera; results under that rule are not comparable with these.

    Args:
        direction (str): 'v2i' or 'i2v'.
    """

    dataset = 'bupt'
    description = 'the listed query tracks against the listed gallery tracks; CMC counts tracks'

    def _queries(self, images):
        queries = getattr(images, 'queries', np.zeros(0, bool))  # (N,)
        if not queries.any():
            raise ValueError(
                f'{self.name} needs the query list of BUPTCampus, and nothing says which of these tracks are queries: '
                'evaluate features that haresreid test --dump wrote, or take own/v2i and own/i2v.'
            )
        return super()._queries(images) & queries

    def _candidates(self, images):
        return super()._candidates(images) & ~images.queries
