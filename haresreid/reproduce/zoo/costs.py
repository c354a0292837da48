"""What the full-size model of a config costs on one image."""

import torch
from mmengine.config import Config
from torch import nn
from torch.overrides import TorchFunctionMode

from haresreid.config.config import image_size
from haresreid.costs.complexity import Cost, count_flops, layer_costs
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

__all__ = ['build_on_meta', 'model_cost']

KEYS = ('FLOPs', 'Parameters', 'Parameters per Image', "MACs by the Paper's Rule", "Parameters by the Paper's Rule")


def model_cost(cfg: Config, model: nn.Module | None = None) -> dict[str, int]:
    """Costs of one visible image, as plain counts; an infrared one costs the same.

    - FLOPs: of the deployed model, from image to feature, see :func:`count_flops`; half as many are
      multiply-accumulates.
    - Parameters: all, those of both modalities and the classifier included.
    - Parameters per Image: those on which the image's feature depends, neither the other modality's nor the
      classifier's.
    - By the Paper's Rule: of the backbone, see :func:`layer_costs`.

    Args:
        cfg (Config): A config with a model and images.
        model (nn.Module, optional): Its model, if it is built already, on any device. Defaults to building it.
    """
    model = model or build_on_meta(cfg)
    device = next(model.parameters()).device
    image = torch.empty(1, 3, *image_size(cfg), device=device)
    visible = ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))
    model.flip_test = False  # of one image, without its mirror image
    for parameter in model.parameters():
        parameter.requires_grad_()  # BNNeck's bias is frozen, and passed all the same
    feature = []

    def extract(inputs: torch.Tensor) -> None:
        with torch.enable_grad():
            feature.append(model.embed(inputs, visible))

    flops = count_flops(extract, image)
    gradients = torch.autograd.grad(feature[0].sum(), list(model.parameters()), allow_unused=True)
    passed = sum(gradient.numel() for gradient in gradients if gradient is not None)
    rule = sum(layer_costs(model.backbone, image, visible).values(), Cost())
    total = sum(parameter.numel() for parameter in model.parameters())
    return dict(zip(KEYS, (flops, total, passed, rule.macs, rule.params), strict=True))


def build_on_meta(cfg: Config) -> nn.Module:
    """A config's model without the weights: shapes only, in no time."""
    with torch.device('meta'), _LinspaceOnCPU():
        return MODELS.build(dict(cfg.model, _scope_='haresreid')).eval()


class _LinspaceOnCPU(TorchFunctionMode):
    """MMPretrain's ResNet reads the values of a linspace, drop path rates, while it is built."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {}, device='cpu') if func is torch.linspace else kwargs or {}
        return func(*args, **kwargs)
