"""A check from labels alone whether a protocol can be evaluated on a test set."""

import numpy as np

from haresreid.catalogue import OWN, layout_of

from .protocols import CrossModalProtocol

__all__ = ['require_drawable']


def require_drawable(images, protocol: CrossModalProtocol) -> None:
    """Draw every trial, and refuse a protocol whose queries cannot have a correct match.

    Args:
        images (VIReIDDataset): The test set; no image of it is read.
        protocol (CrossModalProtocol): The protocol.

    Raises:
        ValueError: If the protocol belongs to another data set, finds no query or no gallery, hides the whole gallery
            from the queries of a camera, or no query has a correct image in the gallery.
    """
    _require_own_rules(images.metainfo, protocol)
    query, gallery = protocol.draws(images)[0]  # the other trials draw from the same people and cameras
    (query_pids, query_camids), (gallery_pids, gallery_camids) = (
        np.unique([images.pids[rows], images.camids[rows]], axis=1) for rows in (query, gallery)
    )
    seen = np.ones((len(query_pids), len(gallery_pids)), dtype=bool)
    excluded = protocol.excluded(query_pids, query_camids, gallery_pids, gallery_camids)
    if excluded is not None:
        seen &= ~excluded
    counts = f'{len(query)} queries of {len(np.unique(query_pids))} people, gallery of {len(np.unique(gallery_pids))}'
    for camid in np.unique(query_camids):
        if not seen[query_camids == camid].any():
            cameras = ', '.join(map(str, np.unique(gallery_camids)))
            raise ValueError(
                f'{protocol.name}: the queries of camera {camid} see no gallery image, for the gallery has '
                f'the cameras {cameras} only, which the camera rule hides from them; evaluate under '
                'own/v2i and own/i2v, which have no camera rule, or mend the camera numbers.'
            )
    if not (seen & (query_pids[:, None] == gallery_pids)).any():
        raise ValueError(
            f'{protocol.name}: no query has an image of the same person in the gallery ({counts}); the '
            'test subset must show people in both modalities.'
        )


def _require_own_rules(metainfo: dict, protocol: CrossModalProtocol) -> None:
    layout = layout_of(metainfo) or OWN
    if OWN not in (layout, protocol.dataset) and layout != protocol.dataset:
        raise ValueError(
            f'{protocol.name} is no protocol of {metainfo["dataset"]} (layout {layout}), whose cameras have '
            f'other numbers: take {layout}/..., or own/v2i and own/i2v.'
        )
