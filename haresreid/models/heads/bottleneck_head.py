"""The head of AlignGAN (Wang et al., ICCV 2019)."""

from typing import ClassVar

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_head import ReIDHead

__all__ = ['BottleneckHead']


@MODELS.register_module()
class BottleneckHead(ReIDHead):
    """Two narrow branches of the pooled map, which itself represents an image in retrieval.

    Features for losses: ``embed``, the pooled map; ``embedding``, a linear layer of it, for metric losses; ``logits``,
    through dropout, a narrow layer with batch norm and leaky ReLU, and the classifier.

    Args:
        in_channels (int): Width D of the pooled map.
        num_classes (int, optional): Training identities C. Defaults to None: no branches.
        channels (int): Width of the branches. Defaults to 256.
        dropout (float): In front of the classifier's branch. Defaults to 0.5.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
    """

    test_features: ClassVar = dict(pooled='embed')

    training_only = ('embedding', 'bottleneck', 'classifier')

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None = None,
        channels: int = 256,
        dropout: float = 0.5,
        pooling: dict = dict(type='GlobalAveragePooling'),
    ) -> None:
        super().__init__(num_classes, 'pooled')
        self.pooling = MODELS.build(pooling)
        self.embedding = self.bottleneck = self.classifier = None
        if num_classes is not None:
            self.embedding = nn.Linear(in_channels, channels)
            self.bottleneck = nn.Sequential(
                nn.Dropout(dropout), nn.Linear(in_channels, channels), nn.BatchNorm1d(channels), nn.LeakyReLU(0.1)
            )
            nn.init.kaiming_normal_(self.bottleneck[1].weight, mode='fan_out')
            nn.init.zeros_(self.bottleneck[1].bias)
            nn.init.normal_(self.bottleneck[2].weight, mean=1.0, std=0.02)
            self.classifier = nn.Linear(channels, num_classes)
            nn.init.normal_(self.classifier.weight, std=0.001)
            nn.init.zeros_(self.classifier.bias)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features; the last map of ``feats``, (B, D, h, w), is pooled."""
        embed = self.pooling(feats[-1])  # (B, D)
        if self.classifier is None:
            return dict(embed=embed)
        return dict(embed=embed, embedding=self.embedding(embed), logits=self.classifier(self.bottleneck(embed)))
