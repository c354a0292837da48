"""Pooling of a feature map to one vector per image: average, or the generalised mean of AGW (Ye et al., TPAMI 2022)."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['GeneralizedMeanPooling', 'GlobalAveragePooling']


@MODELS.register_module()
class GlobalAveragePooling(nn.Module):
    """Mean over positions, in float32 also under autocast: (B, C, h, w) -> (B, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.float().mean(dim=(-2, -1))


@MODELS.register_module()
class GeneralizedMeanPooling(nn.Module):
    """GeM, ``mean(x^p)^(1/p)`` over positions, in float32 also under autocast: (B, C, h, w) -> (B, C).

    Values below ``eps`` are raised to it, because the root of a negative mean is NaN. On a map that is not the output
    of a ReLU this discards its negative half: put an activation before it, or use the average.

    Args:
        p (float): The exponent, constant as in AGW; 1 is the average. Defaults to 3.0.
        eps (float): Defaults to 1e-6.
    """

    def __init__(self, p: float = 3.0, eps: float = 1e-6) -> None:
        super().__init__()
        self.p = p
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        powers = x.float().clamp(min=self.eps).pow(self.p)
        return torch.pow(powers.mean(dim=(-2, -1)), 1 / self.p)  # (B, C)
