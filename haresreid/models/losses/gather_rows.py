"""The rows of all ranks, through which gradients flow back to this rank's own."""

import torch
from mmengine.dist import all_gather, get_rank, get_world_size
from torch import Tensor

from haresreid.structures import ReIDBatch

__all__ = ['gather_batch', 'gather_rows']


def gather_rows(rows: Tensor) -> Tensor:
    """Concatenate the rows of all ranks, which must be equally many on each: (N, ...) -> (R * N, ...).

    For losses that every rank computes alike, on all rows, under :class:`DistributedDataParallel`: each rank
    back-propagates through its own rows only, R times over, because DDP then averages over the R ranks what should be
    their sum. So the gradient is that of one process which holds all rows, and going back takes no communication.

    Without process group it returns ``rows``.
    """
    return rows if get_world_size() == 1 else _GatherRows.apply(rows)


def gather_batch(batch: ReIDBatch, device: torch.device) -> ReIDBatch:
    """What all ranks know of their rows, in the order of :func:`gather_rows`.

    Args:
        batch (ReIDBatch): This rank's.
        device (torch.device): One that the process group communicates over.
    """
    apart = batch._replace(items=batch.items + get_rank() * len(batch.items))  # one rank's samples are not another's
    return ReIDBatch(*(gather_rows(field.to(device)).to(field.device) for field in apart))


class _GatherRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows: Tensor) -> Tensor:
        return torch.cat(all_gather(rows.contiguous()))

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        return get_world_size() * grad.chunk(get_world_size())[get_rank()]
