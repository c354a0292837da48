"""A function on the rows of one modality after the other."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from haresreid.structures import ReIDBatch

__all__ = ['each_modality']


def each_modality(function: Callable, batch: ReIDBatch, *tensors: Tensor) -> Any:
    """Call ``function(*rows, batch)`` for the rows of each modality, and put the results back into the rows' order.

    Batch norms in training mode then see the statistics of one modality at a time.

    Args:
        function (Callable): Returns tensors with a row for every row it gets, in any nesting.
        batch (ReIDBatch): The N rows.
        *tensors (Tensor): (N, ...) each.
    """
    parts = [batch.rows_of(modality) for modality in batch.modalities.unique().tolist()]
    results = [function(*(tensor[rows] for tensor in tensors), batch.take(rows)) for rows in parts]
    place = torch.cat(parts).argsort()  # (N,), back to the order of the batch
    return tree_map(lambda *values: torch.cat(values)[place.to(values[0].device)], *results)
