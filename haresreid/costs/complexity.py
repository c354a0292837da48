"""The cost of a model by two different rules: the one behind published tables, and the arithmetic really done."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

__all__ = ['Cost', 'count_flops', 'layer_costs', 'sum_by_part']

NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm)


@dataclass(frozen=True)
class Cost:
    """Multiply-accumulates and parameters, both as plain counts."""

    macs: int = 0
    params: int = 0

    def __add__(self, other: 'Cost') -> 'Cost':
        return Cost(self.macs + other.macs, self.params + other.params)


def layer_costs(model: nn.Module, *inputs: Tensor) -> dict[str, Cost]:
    """Cost of every layer that a forward pass executes, by the rule of the ``thop`` profiler (0.1.1).

    The tables of many papers follow this rule. A convolution or linear layer counts its multiply-accumulates without
    the bias; batch and layer norms count 4 per element; everything else counts nothing, not even the products inside
    attention. Parameters are those of executed leaf modules, so bare parameters (class tokens, positions) and unused
    layers are missing.

    Args:
        model (nn.Module): The model; its training or evaluation mode is not changed.
        inputs (Tensor): The arguments of ``model.forward``.

    Returns:
        dict[str, Cost]: By module name, in the order of execution.
    """
    costs: dict[str, Cost] = {}

    def record(name: str) -> Callable:

        def hook(module: nn.Module, _, output: Tensor) -> None:
            params = sum(parameter.numel() for parameter in module.parameters(recurse=False))
            costs[name] = Cost(costs.get(name, Cost()).macs + _layer_macs(module, output), params)

        return hook

    handles = [
        module.register_forward_hook(record(name))
        for name, module in model.named_modules()
        if not any(module.children()) or isinstance(module, NORMS)  # the norm of one modality holds that of another
    ]
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return costs


def _layer_macs(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, nn.Conv2d):
        return output.numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return output.numel() * module.in_features
    if isinstance(module, NORMS):
        return 4 * output.numel()
    return 0


def sum_by_part(costs: dict[str, Cost], depth: int = 2) -> dict[str, Cost]:
    """Sum layer costs over the first ``depth`` components of their names, e.g. ``transformers.0``."""
    parts: dict[str, Cost] = {}
    for name, cost in costs.items():
        part = '.'.join(name.split('.')[:depth])
        parts[part] = parts.get(part, Cost()) + cost
    return parts


def count_flops(function: Callable, *inputs: Tensor) -> int:
    """Floating-point operations of all convolutions and matrix products, attention's included, in a forward pass.

    A multiply-accumulate is two operations. Element-wise work (norms, activations, biases) is not counted. Attention
    is run unfused, because PyTorch's counter does not see inside the CPU's fused kernel.
    """
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        function(*inputs)
    return counter.get_total_flops()
