"""Weights and images of the golden features, from names and shapes alone (the rule of tests/test_converters)."""

import zlib

import numpy as np
import torch


def weight(name: str, shape: list[int]) -> torch.Tensor:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith(('num_batches_tracked', 'relative_position_index')):
        return torch.zeros(shape, dtype=torch.int64)
    if name.endswith('running_var'):
        value = 0.75 + 0.5 * rng.random(shape)
    elif len(shape) >= 2 and 'pos' not in name:
        value = rng.standard_normal(shape) * np.sqrt(1.5 / np.prod(shape[1:]))
    elif len(shape) == 1 and name.endswith(('weight', 'gamma')):
        value = 1 + 0.1 * rng.standard_normal(shape)
    else:
        value = 0.1 * rng.standard_normal(shape)
    return torch.from_numpy(np.asarray(value))


def images(height: int, width: int) -> torch.Tensor:
    """Two images, (2, 3, H, W), in float64."""
    b, c, h, w = np.meshgrid(*map(np.arange, (2, 3, height, width)), indexing='ij')
    return torch.from_numpy(np.sin(0.37 * b + 0.9 * c + (0.05 + 0.08 * b) * h + 0.13 * w) + 0.5 * np.cos(0.21 * h * b))
