"""Grad-CAM (Selvaraju et al., ICCV 2017) of what makes two images of one person alike, at every stage.

The score whose gradient is taken is a cosine similarity, since that is what retrieval ranks by: a person of the test
set has no identity logit, for the classifier knows the people of the training set only.
"""

import math
from typing import NamedTuple

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.files.extras import require_extra
from haresreid.models import TransformerEncoderStage, VIReID, stages_of
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
    still reach it.

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
        elif not name.startswith('TE'):  # of another class, whose tokens lie nobody knows where
            layers[name] = CamLayer(stage)
    known = [f'{part}{number}' for part in PARTS for number in range(1, 5)]
    return {name: layers[name] for name in dict.fromkeys([*known, *layers]) if name in layers}


def cam_features(model: VIReID, inputs: Tensor, data_samples: list[ReIDDataSample], feature: str) -> Tensor:
    """The normalised feature that a CAM compares, (B, D)."""
    name = model.head.retrieval_feature if feature == RETRIEVAL else feature
    return F.normalize(model(inputs, data_samples)[name].float())


class _Similarity(nn.Module):
    """Images in, their similarity to the references out, (B, 1): the model as Grad-CAM sees it."""

    def __init__(self, model: VIReID, data_samples: list[ReIDDataSample], feature: str, references: Tensor) -> None:
        super().__init__()
        self.model = model
        self.data_samples = data_samples
        self.feature = feature
        self.references = references

    def forward(self, inputs: Tensor) -> Tensor:
        features = cam_features(self.model, inputs, self.data_samples, self.feature)  # (B, D)
        return (features * self.references).sum(dim=1, keepdim=True)


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

    Raises:
        ValueError: If grad-cam is not installed.
    """
    require_extra('pytorch_grad_cam', 'figures')
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    size = inputs.shape[-2:]
    score = _Similarity(model, data_samples, layer.feature, references)
    with GradCAM(score, [layer.module], lambda output: _as_map(output, size)) as cam:
        maps = cam(inputs, [ClassifierOutputTarget(0)] * len(inputs))  # (B, H, W)
    model.zero_grad()
    # The package adds 1e-7 to the maximum by which it divides: a map that stays below 1 was rounding alone.
    return np.where(maps.max(axis=(1, 2), keepdims=True) > 0.5, maps, 0)


def _as_map(output: Tensor, size: tuple[int, int]) -> Tensor:
    """A layer's output as (B, C, h, w); of tokens, (B, 1 + h*w, C), the class token is left out."""
    if output.dim() == 4:
        return output
    patches = output[:, 1:].transpose(1, 2)  # (B, C, h*w)
    patch = math.isqrt(size[0] * size[1] // patches.shape[-1])  # patches are square
    return patches.unflatten(2, (size[0] // patch, size[1] // patch))  # (B, C, h, w)
