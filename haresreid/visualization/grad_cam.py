"""Grad-CAM (Selvaraju et al., ICCV 2017) of what makes two images of one person alike, at every stage.

The score whose gradient is taken is a cosine similarity, since that is what retrieval ranks by: a person of the test
set has no identity logit, for the classifier knows the people of the training set only.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from mmpretrain.models.backbones.vision_transformer import TransformerEncoderLayer
from torch import Tensor, nn

from haresreid.models import TransformerEncoderStage, VIReID, stages_of
from haresreid.models.layers import token_grid
from haresreid.structures import ReIDDataSample

__all__ = ['RETRIEVAL', 'CamLayer', 'cam_features', 'cam_layers', 'grad_cam']

RETRIEVAL = 'retrieval'
PARTS = ('RE', 'TE', 'CLS', 'CFFM')  # in the order of the figures


class CamLayer(NamedTuple):
    """Where a CAM is taken, and of which score.

    Attributes:
        module: Its output is (B, C, h, w), or (B, 1 + h*w, C) tokens with the class token first.
        feature: The compared feature: 'retrieval', or a class token such as 'cls_4'.
    """

    module: nn.Module
    feature: str = RETRIEVAL


def cam_layers(model: VIReID) -> dict[str, CamLayer]:
    """The places of a model where a CAM can be taken, by part and stage.

    'RE1' to 'RE4' are the maps of the ResNet. HAResformer also has 'TE1' to 'TE4', the patch tokens behind each
    transformer encoder, put back into a map; 'CFFM1' to 'CFFM4', the fused maps (whatever fuses them); and
    'CLS1' to 'CLS4'. All take the gradient of the similarity of the retrieval feature, except 'CLS', which take that of
    the stage's class token: at the patch tokens that enter the attention of its last layer, the last place where they
    still reach it. For the same reason, 'block1' to 'block12' of a vision transformer are the tokens that enter the
    attention of that block.

    Raises:
        ValueError: If the backbone names no stages.
    """
    stages = stages_of(model.backbone)
    if not stages:
        raise ValueError(f'This {type(model.backbone).__name__} names no stages, whose maps could be shown.')
    layers = {}
    for name, stage in stages.items():
        if isinstance(stage, TransformerEncoderStage):
            layers[name] = CamLayer(stage.norm)
            number = name.removeprefix('TE')
            layers[f'CLS{number}'] = CamLayer(stage.layers[-1].norm1, f'cls_{number}')
        elif isinstance(stage, TransformerEncoderLayer):
            layers[name] = CamLayer(stage.ln1)
        elif not name.startswith('TE'):  # of another class, whose tokens lie nobody knows where
            layers[name] = CamLayer(stage)
    known = [f'{part}{number}' for part in PARTS for number in range(1, 5)]
    return {name: layers[name] for name in dict.fromkeys([*known, *layers]) if name in layers}


def cam_features(model: VIReID, inputs: Tensor, data_samples: list[ReIDDataSample], feature: str) -> Tensor:
    """The normalised feature that a CAM compares, (B, D)."""
    features = model(inputs, data_samples)
    return model.retrieval(features, inputs) if feature == RETRIEVAL else F.normalize(features[feature].float())


def grad_cam(
    model: VIReID, inputs: Tensor, data_samples: list[ReIDDataSample], references: Tensor, layer: CamLayer
) -> np.ndarray:
    """Where an image resembles a reference.

    Args:
        model (VIReID): In evaluation mode.
        inputs (Tensor): Normalised images, (B, 3, H, W).
        data_samples (list[ReIDDataSample]): Theirs.
        references (Tensor): (B, D) what each image's ``layer.feature`` is compared with, e.g. the mean feature of the
            person's images in the other modality.
        layer (CamLayer): One of :func:`cam_layers`.

    Returns:
        np.ndarray: (B, H, W) in [0, 1], each map scaled to its own maximum; all zero where nothing speaks for
        the reference.
    """
    outputs: list[Tensor] = []

    def keep(module: nn.Module, args: tuple, output: Tensor) -> None:
        if output.requires_grad:  # TVTR also runs a layer without gradient, to choose tokens
            outputs.append(output)

    with torch.enable_grad(), layer.module.register_forward_hook(keep):
        features = cam_features(model, inputs, data_samples, layer.feature)  # (B, D)
        (gradient,) = torch.autograd.grad((features * references).sum(), outputs)
    size = inputs.shape[-2:]
    # of an image with copies, the map of the image itself
    values, gradient = (_as_map(x[: len(inputs)], size) for x in (outputs[0].detach(), gradient))  # (B, C, h, w)
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
    maps = F.relu((weights * values).sum(dim=1, keepdim=True)).float()  # (B, 1, h, w)
    # scaled again, since interpolation lowers the maximum
    maps = _scaled(F.interpolate(_scaled(maps), size=size, mode='bilinear'))  # (B, 1, H, W)
    return torch.where(maps.amax(dim=(2, 3), keepdim=True) > 0.5, maps, 0).squeeze(1).cpu().numpy()


def _scaled(maps: Tensor) -> Tensor:
    """Each map from 0 to 1; one that rounding alone made, far below 1e-7, stays near 0."""
    maps = maps - maps.amin(dim=(2, 3), keepdim=True)
    return maps / (maps.amax(dim=(2, 3), keepdim=True) + 1e-7)


def _as_map(output: Tensor, size: tuple[int, int]) -> Tensor:
    """A layer's output as (B, C, h, w); of tokens, (B, 1 + h*w, C), the class token is left out."""
    if output.dim() == 4:
        return output
    patches = output[:, 1:].transpose(1, 2)  # (B, C, h*w)
    return patches.unflatten(2, token_grid(patches.shape[-1], size[0] / size[1]))  # (B, C, h, w)
