"""Pairs of a visible and an infrared image of one person."""

import torch
from torch import Tensor

from haresreid.structures import Modality, ReIDBatch

__all__ = ['partners_of']


def partners_of(batch: ReIDBatch) -> Tensor:
    """For the k-th image of a person in a modality, the row of the k-th of that person in the other one.

    Args:
        batch (ReIDBatch): N rows.

    Returns:
        Tensor: (N,) on the host.

    Raises:
        ValueError: If an image has no partner.
    """
    labels = batch.labels.cpu()
    rows = [batch.rows_of(modality) for modality in Modality]
    visible, infrared = (own[labels[own].argsort(stable=True)] for own in rows)  # (N / 2,) each, sorted by person
    if not torch.equal(labels[visible], labels[infrared]) or 2 * len(visible) != len(labels):
        raise ValueError(
            'Each visible image needs an infrared partner of the same person, but the batch has a person with more '
            'images in one modality than in the other: draw batches with JointIdentitySampler.'
        )
    partner = torch.empty_like(labels)
    partner[visible], partner[infrared] = infrared, visible
    return partner
