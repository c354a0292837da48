"""Gradient reversal (Ganin and Lempitsky, ICML 2015)."""

import torch
from torch import Tensor

__all__ = ['reverse_gradient']


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad: Tensor) -> Tensor:
        return -grad


def reverse_gradient(x: Tensor) -> Tensor:
    """``x`` itself, whose gradient changes its sign on the way back.

    What follows learns to lower a loss, and what comes before learns to raise it.
    """
    return _Reversal.apply(x)
