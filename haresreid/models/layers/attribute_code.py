"""The order of an attribute code: slices, each with style, pose and illumination."""

import torch
from torch import Tensor

__all__ = ['SLICES', 'exchanged_attributes', 'slices_of', 'style_of']

SLICES = 4


def slices_of(attributes: Tensor) -> Tensor:
    """Attributes (N, D) -> (N, 4, D / 4): each slice is half style, then a quarter pose and a quarter illumination."""
    return attributes.unflatten(1, (SLICES, -1))


def style_of(attributes: Tensor) -> Tensor:
    """What belongs to the person in attributes (N, D): (N, D / 2)."""
    return slices_of(attributes).chunk(2, -1)[0].flatten(1)


def exchanged_attributes(attributes: Tensor, others: Tensor, pose: bool) -> Tensor:
    """Attributes (N, D) with the illumination of others (N, D), and maybe their pose."""
    own, other = slices_of(attributes), slices_of(others)  # (N, 4, D / 4)
    kept = own.shape[-1] // 2 if pose else own.shape[-1] // 4 * 3
    return torch.cat((own[..., :kept], other[..., kept:]), -1).flatten(1)
