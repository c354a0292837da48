"""Dense correspondence between images of the two modalities (LbA, Park et al., ICCV 2021)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.structures import ReIDBatch

__all__ = ['Aligned', 'align', 'draw_partners', 'foreground']

TEMPERATURE = 50.0


class Aligned(NamedTuple):
    """Maps, and what their partners' maps give of them.

    Attributes:
        own: The maps, (N, C, h, w).
        positive: Their reconstructions from an image of the same person in the other modality, (N, C, h, w).
        negative: The same from an image of another person.
        comask: Where both the image and its positive partner show a person, (N, h, w), 0 to 1, without gradient.
    """

    own: Tensor
    positive: Tensor
    negative: Tensor
    comask: Tensor


def align(own: Tensor, positive: Tensor, negative: Tensor) -> Aligned:
    """Reconstruct maps (N, C, h, w) from those of their positive and negative partners, (N,) rows each.

    Raises:
        ValueError: If a map has a single position, which would be background.
    """
    if own.shape[2:] == (1, 1):
        raise ValueError('LbA aligns the positions of maps, and 1 x 1 is only one: choose larger images.')
    mask = foreground(own)  # (N, h, w)
    to_positive, to_negative = (_matching(own, own[rows]) for rows in (positive, negative))  # (N, h w, h w)
    seen = (to_positive @ mask[positive].flatten(1).unsqueeze(2)).view_as(mask)  # (N, h, w)
    comask = _min_max(mask * seen).detach()
    share = mask.unsqueeze(1)  # (N, 1, h, w): the background stays the image's own

    def reconstructed(matching: Tensor, rows: Tensor) -> Tensor:
        warped = (own[rows].flatten(2) @ matching.transpose(1, 2)).view_as(own)  # (N, C, h, w)
        return share * warped + (1 - share) * own

    return Aligned(own, reconstructed(to_positive, positive), reconstructed(to_negative, negative), comask)


def foreground(x: Tensor) -> Tensor:
    """Norms of the positions' features, scaled to 0 to 1 in each image: (N, C, h, w) -> (N, h, w), without gradient."""
    return _min_max(x.detach().norm(dim=1))


def draw_partners(batch: ReIDBatch) -> tuple[Tensor, Tensor]:
    """Draw a positive and a negative partner for each row, both of the other modality.

    The images of a person in one modality get different images of that person as positives, and images of different
    people as negatives, as long as there are enough.

    Returns:
        tuple[Tensor, Tensor]: Rows of the positive and of the negative partners, (N,) each.

    Raises:
        ValueError: If an image lacks a partner.
    """
    rows = defaultdict(list)
    for row, key in enumerate(zip(batch.labels.tolist(), batch.modalities.tolist())):
        rows[key].append(row)
    positive, negative = torch.zeros(2, len(batch.labels), dtype=torch.long)
    for (label, modality), own in rows.items():
        others = {person: found for (person, kind), found in rows.items() if kind != modality}
        same = others.pop(label, [])
        if not same or not others:
            raise ValueError(
                f'LbA aligns each image with one of the same person and one of another, both of the other modality, '
                f'and the batch has none for person {label} of modality {modality}: draw batches with '
                'CrossModalityIdentitySampler, let its num_ids be 2 or more, and give GradCacheHook, if there is one, '
                'fewer chunks'
            )
        count = len(own)
        positive[own] = torch.tensor(_drawn(same, count))
        people = _drawn(list(others.values()), count)
        slots = _drawn(range(count), count)
        negative[own] = torch.tensor([found[slot % len(found)] for found, slot in zip(people, slots)])
    return positive, negative


def _drawn(items: Sequence, count: int) -> list:
    """``count`` items in random order, none of them a second time before each has come once."""
    order = torch.randperm(len(items)).tolist()
    return [items[order[index % len(items)]] for index in range(count)]


def _matching(own: Tensor, partner: Tensor) -> Tensor:
    """For each position of a map, a probability of each position of its partner: (N, h w, h w)."""
    own, partner = (F.normalize(x.flatten(2)) for x in (own, partner))  # (N, C, h w)
    return (TEMPERATURE * own.transpose(1, 2) @ partner).softmax(dim=2)


def _min_max(x: Tensor) -> Tensor:
    x = x - x.amin((1, 2), keepdim=True)
    return x / (x.amax((1, 2), keepdim=True) + 1e-12)
