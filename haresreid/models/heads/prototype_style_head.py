"""The head of Hi-CMD (Choi et al., CVPR 2020)."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..backbones.disentangling_resnet import DisentangledFeatures
from ..layers import partners_of
from .reid_head import ReIDHead

__all__ = ['PrototypeStyleHead']


@MODELS.register_module()
class PrototypeStyleHead(ReIDHead):
    """Joins a person's prototype and style, each L2-normalised, in a learned proportion; a linear layer, a batch norm.

    Features for losses: ``embed``, behind the batch norm, which represents an image in retrieval; through dropout,
    ``embedding``, a linear layer of it for metric losses, and ``logits``. In training ``recombined`` are the logits of
    the prototype of an image with the style of the person's image in the other modality.

    Args:
        in_channels (int): Width D of pooled prototype and style together.
        num_classes (int, optional): Training identities C. Defaults to None: neither embedding nor logits.
        dropout (float): Defaults to 0.5.
    """

    test_features: ClassVar = dict(joint='embed')
    training_only = ('embedding', 'classifier')

    def __init__(self, in_channels: int, num_classes: int | None = None, dropout: float = 0.5) -> None:
        super().__init__(num_classes, 'joint')
        self.proportion = nn.Parameter(torch.tensor(0.5))
        self.bottleneck = nn.Sequential(nn.Linear(in_channels, in_channels), nn.BatchNorm1d(in_channels))
        self.dropout = nn.Dropout(dropout)
        self.embedding = self.classifier = None
        if num_classes is not None:
            self.embedding = nn.Linear(in_channels, in_channels // 2)
            self.classifier = nn.Linear(in_channels, num_classes)

    def forward(self, feats: DisentangledFeatures, batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features.

        Raises:
            ValueError: If an image has no partner, in training.
        """
        prototype = feats.prototype.mean((2, 3))  # (N, D / 2)
        features = dict(embed=self._joined(prototype, feats.style))
        if self.classifier is None:
            return features
        kept = self.dropout(features['embed'])
        features |= dict(embedding=self.embedding(kept), logits=self.classifier(kept))
        if self.training:
            other = self._joined(prototype, feats.style[partners_of(batch)])
            features['recombined'] = self.classifier(self.dropout(other))
        return features

    def _joined(self, prototype: Tensor, style: Tensor) -> Tensor:
        """(N, D / 2) twice -> (N, D)."""
        parts = self.proportion * F.normalize(prototype), (1 - self.proportion) * F.normalize(style)
        return self.bottleneck(torch.cat(parts, 1))
