"""The cost of a config's model on one image, counted in one place."""

import copy
from dataclasses import dataclass

import torch
from mmengine.config import Config
from torch import Tensor
from torch.overrides import TorchFunctionMode

from haresreid.config.config import image_size
from haresreid.models import VIReID, stages_of
from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .complexity import Cost, count_flops, layer_costs, sum_by_part

__all__ = ['ModelCost', 'build_on_meta', 'model_cost']


@dataclass(frozen=True)
class ModelCost:
    """Costs of one visible image, as plain counts; an infrared one costs the same.

    Attributes:
        parts: Costs of the backbone's parts, by the paper's counting rule: see :func:`layer_costs`.
        flops: Operations of the deployed model, from image to feature: see :func:`count_flops`.
        params: All parameters, including those of both modalities and the classifier.
        params_per_image: Parameters on which the image's feature depends, without those of the other modality and of
            the classifier.
    """

    parts: dict[str, Cost]
    flops: int
    params: int
    params_per_image: int

    @property
    def by_rule(self) -> Cost:
        """Cost of the backbone by the paper's counting rule."""
        return sum(self.parts.values(), Cost())

    @property
    def deployed(self) -> Cost:
        """Multiply-accumulates of the deployed model, two operations each, and all parameters."""
        return Cost(self.flops // 2, self.params)


def model_cost(cfg: Config, size: tuple[int, int] | None = None) -> ModelCost:
    """Count what a config's model costs on one image, without computing anything.

    Args:
        cfg (Config): A config with a model.
        size (tuple[int, int], optional): (Height, width) of the image, and of the images that positions are for.
            Defaults to that of the config's images.
    """
    if size is not None and 'img_size' in cfg.model.backbone:
        cfg = copy.deepcopy(cfg)
        cfg.model.backbone.img_size = size
    model = build_on_meta(cfg)
    model.flip_test = False  # one image, without its mirror image
    image = torch.empty(1, 3, *(size or image_size(cfg)), device='meta')
    visible = ReIDBatch.unlabelled(torch.tensor([Modality.VISIBLE]))
    layers = layer_costs(model.backbone, image, visible)
    parts = sum_by_part(layers, depth=2 if 'TE1' in stages_of(model.backbone) else 1)
    for parameter in model.parameters():
        parameter.requires_grad_()  # BNNeck's bias is frozen, but it is used all the same
    feature: list[Tensor] = []

    def extract(inputs: Tensor) -> None:
        with torch.enable_grad():
            feature.append(model.embed(inputs, visible))

    flops = count_flops(extract, image)
    gradients = torch.autograd.grad(feature[0].sum(), list(model.parameters()), allow_unused=True)
    passed = sum(gradient.numel() for gradient in gradients if gradient is not None)
    return ModelCost(parts, flops, sum(parameter.numel() for parameter in model.parameters()), passed)


def build_on_meta(cfg: Config) -> VIReID:
    """A config's model on the meta device: shapes without weights, built instantly."""
    with torch.device('meta'), _LinspaceOnCPU():
        return MODELS.build(dict(cfg.model, _scope_='haresreid')).eval()


class _LinspaceOnCPU(TorchFunctionMode):
    """Keeps linspace on the CPU: MMPretrain's ResNet reads its values (drop path rates) while it is built."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {}, device='cpu') if func is torch.linspace else kwargs or {}
        return func(*args, **kwargs)
