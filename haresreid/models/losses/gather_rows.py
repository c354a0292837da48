"""Gather the rows of all ranks; gradients flow back to this rank's own rows."""

import torch
from mmengine.dist import all_gather, get_rank, get_world_size
from torch import Tensor

from haresreid.structures import ReIDBatch

__all__ = ['gather_batch', 'gather_rows']


def gather_rows(rows: Tensor) -> Tensor:
    """Concatenate the rows of all ranks: (N, ...) -> (R * N, ...). Every rank must have the same number of rows.

    Meant for losses that every rank computes on all rows under :class:`DistributedDataParallel`. Each rank
    back-propagates through its own rows only, and multiplies their gradient by R, because DDP averages over the R ranks
    what should be a sum. The gradient therefore equals that of one process that holds all rows, and the backward pass
    needs no communication.

    Without a process group it returns ``rows``.
    """
    return rows if get_world_size() == 1 else _GatherRows.apply(rows)


def gather_batch(batch: ReIDBatch, device: torch.device) -> ReIDBatch:
    """Gather the batches that describe the rows of all ranks, in the order of :func:`gather_rows`.

    Args:
        batch (ReIDBatch): This rank's batch.
        device (torch.device): A device that the process group can communicate over.
    """
    apart = batch._replace(items=batch.items + get_rank() * len(batch.items))  # samples of different ranks differ
    return ReIDBatch(*(gather_rows(field.to(device)).to(field.device) for field in apart))


class _GatherRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows: Tensor) -> Tensor:
        return torch.cat(all_gather(rows.contiguous()))

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        return get_world_size() * grad.chunk(get_world_size())[get_rank()]
