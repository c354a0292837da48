"""How much of the training signal reaches HAResformer's two branches."""

from typing import NamedTuple

import torch
from torch import nn

from haresreid.models import VIReID

from .gradients import squared_gradient, with_gradients

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
    return gradient_norms(with_gradients(model, data_batch).backbone)


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
        squares[stage] = squares[stage] + squared_gradient([parameter])
    return [
        BranchGradients(re.sqrt().item(), squared_gradient(transformer.parameters()).sqrt().item())
        for re, transformer in zip(squares, backbone.transformers)
    ]
