"""How much of the training signal reaches HAResformer's two branches."""

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from haresreid.models import VIReID

__all__ = ['BranchGradients', 'branch_gradients', 'gradient_norms']


class BranchGradients(NamedTuple):
    """Norms of the training loss's gradient with respect to one stage's RE parameters and TE parameters."""

    re: float
    te: float


def branch_gradients(model: VIReID, data_batch: dict) -> list[BranchGradients]:
    """Run one backward pass of the training loss, with all losses at the config's weights.

    The pass uses a copy, so the model does not change.

    Args:
        model (VIReID): HAResformer.
        data_batch (dict): A batch of the training's data loader.

    Returns:
        list[BranchGradients]: A pair per stage.
    """
    model = deepcopy(model).train().requires_grad_()
    data = model.data_preprocessor(data_batch, True)
    losses = model(**data, mode='loss')
    model.parse_losses(losses)[0].backward()
    return gradient_norms(model.backbone)


def gradient_norms(backbone: nn.Module) -> list[BranchGradients]:
    """Norms of the gradients that the parameters hold after a backward pass.

    Args:
        backbone (nn.Module): A :class:`HierarchicalFeatureExtractor`.

    Returns:
        list[BranchGradients]: A pair per stage.
    """
    encoder = backbone.encoder
    squares = [torch.zeros(()) for _ in encoder.res_layers]
    for name, parameter in encoder.named_parameters():
        parts = name.split('.')  # 'layer2.0.conv1.weight', in a second stream 'infrared.layer2.0.conv1.weight'
        stage = next((stage for stage, layer in enumerate(encoder.res_layers) if layer in parts), 0)  # or the stem
        squares[stage] = squares[stage] + _square(parameter)
    return [
        BranchGradients(re.sqrt().item(), sum(map(_square, transformer.parameters())).sqrt().item())
        for re, transformer in zip(squares, backbone.transformers)
    ]


def _square(parameter: Tensor) -> Tensor:
    """Squared norm of a parameter's gradient, on the CPU; zero if no loss reached it."""
    return torch.zeros(()) if parameter.grad is None else parameter.grad.square().sum().float().cpu()
