"""Mean and spread of a tensor over images that pass in batches."""

import math

import torch
from torch import Tensor

__all__ = ['Moments', 'to_float64']


def to_float64(x: Tensor) -> Tensor:
    """Convert to float64 on the device, or on the CPU if the device has no float64."""
    return (x.cpu() if x.device.type == 'mps' else x).detach().double()


class Moments:
    """Mean and spread of tensors (B, ...) over the rows of all batches, in float64."""

    def __init__(self) -> None:
        self.count, self.total, self.squares = 0, 0.0, 0.0

    def add(self, x: Tensor) -> None:
        x = to_float64(x)
        self.count += len(x)
        self.total = self.total + x.sum(0)
        self.squares += x.square().sum().item()

    @classmethod
    def of_layers(cls, layers: list['Moments']) -> 'Moments':
        """Combine the moments of several layers that saw the same rows, with the layer as an axis: (B, L, ...)."""
        joined = cls()
        joined.count, joined.squares = layers[0].count, sum(layer.squares for layer in layers)
        joined.total = torch.stack([layer.total for layer in layers])
        return joined

    @property
    def mean(self) -> Tensor:
        return self.total / self.count

    @property
    def size(self) -> float:
        """Root mean square."""
        return math.sqrt(self.squares / (self.count * self.total.numel()))

    @property
    def spread(self) -> float:
        """Standard deviation between rows, entry by entry, divided by the root mean square."""
        if not self.squares:
            return 0.0
        return math.sqrt(max(1 - self.mean.square().mean().item() / self.size**2, 0))

    @property
    def common(self) -> float:
        """For tokens (B, L, N, D): root mean square of the mean over rows and positions, divided by the tokens' own."""
        if not self.squares:
            return 0.0
        return math.sqrt(self.mean.mean(-2).square().mean().item()) / self.size
