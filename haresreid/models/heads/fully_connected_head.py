"""The last fully connected layers of AlexNet as a head (TONE, AAAI 2018; BDTR, IJCAI 2018)."""

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_head import ReIDHead

__all__ = ['FullyConnectedHead']


@MODELS.register_module()
class FullyConnectedHead(ReIDHead):
    """Dropout, fc7 with a ReLU, dropout, and the classifier fc8. ``embed`` is fc7 behind its ReLU.

    Args:
        in_channels (int): Channels D of the backbone's map of one pixel.
        channels (int): Width E of fc7.
        num_classes (int, optional): Training identities C. Defaults to None: no classifier, hence no ``logits``.
        dropout (float): Defaults to 0.5.
    """

    test_features: ClassVar = dict(embed='embed')
    training_only = ('classifier',)

    def __init__(self, in_channels: int, channels: int, num_classes: int | None = None, dropout: float = 0.5) -> None:
        super().__init__(num_classes, 'embed')
        self.dropout = nn.Dropout(dropout)
        self.fc7 = nn.Linear(in_channels, channels)
        self.classifier = None if num_classes is None else nn.Linear(channels, num_classes)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """``embed`` (B, E) and ``logits`` (B, C) of the last map, (B, D, 1, 1)."""
        embed = F.relu(self.fc7(self.dropout(feats[-1].flatten(1))))  # (B, E)
        features = dict(embed=embed)
        if self.classifier is not None:
            features['logits'] = self.classifier(self.dropout(embed))
        return features
