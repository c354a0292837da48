"""One vector per image: average of a map, generalised mean of AGW (Ye et al., TPAMI 2022), or a class token."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['ClassToken', 'GeneralizedMeanPooling', 'GlobalAveragePooling']


def at_least_fp32(x: Tensor) -> Tensor:
    """The same numbers in float32 or wider."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


@MODELS.register_module()
class ClassToken(nn.Module):
    """The first token, in float32 also under autocast: (B, 1+N, D) -> (B, D)."""

    def forward(self, x: Tensor) -> Tensor:
        return at_least_fp32(x[:, 0])


@MODELS.register_module()
class GlobalAveragePooling(nn.Module):
    """Mean over positions, in float32 also under autocast: (B, C, h, w) -> (B, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return at_least_fp32(x).mean(dim=(-2, -1))


@MODELS.register_module()
class GeneralizedMeanPooling(nn.Module):
    """GeM, ``(mean(x^p) + 1e-12)^(1/p)`` over positions, in float32 also under autocast: (B, C, h, w) -> (B, C).

    The 1e-12 comes from AGW's code and keeps the gradient finite where a channel is zero everywhere. Its root is the
    smallest output, 1e-4 for p = 3 and 0.063 for p = 10. Negative values count as zero, because the root of a negative
    mean is NaN. If the map is not the output of a ReLU, this discards its negative half: put an activation before it,
    or use the average.

    Args:
        p (float): The exponent, constant as in AGW; 1 is the average. Defaults to 3.0.
    """

    def __init__(self, p: float = 3.0) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        powers = at_least_fp32(x).clamp(min=0).pow(self.p)
        return (powers.mean(dim=(-2, -1)) + 1e-12).pow(1 / self.p)  # (B, C)
