"""Head of DDAG, dynamic dual-attentive aggregation (Ye et al., ECCV 2020)."""

from typing import ClassVar

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import GraphAttention, PartAttention
from .bnneck_head import BNNeckHead

__all__ = ['DDAGHead']


@MODELS.register_module()
class DDAGHead(BNNeckHead):
    """BNNeck, part attention within each image, and in training graph attention among the images of a batch.

    Features for losses: besides those of :class:`BNNeckHead`, ``part_embed`` (B, D), and in training ``part_logits``,
    which the same classifier gives, and ``graph_logits`` (B, C). On several GPUs a graph has one process's images.

    Args:
        in_channels (int): Channels D of the map.
        num_classes (int, optional): Training identities C. Defaults to None: no classifier and no graph.
        num_parts (int): See :class:`PartAttention`. Defaults to 3.
        num_heads (int): See :class:`GraphAttention`. Defaults to 4.
        dropout (float): See :class:`GraphAttention`. Defaults to 0.2.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): 'part', the part-attended feature, by which the released code chooses its best checkpoint;
            'post_bn' or 'pre_bn'. Defaults to 'part'.
    """

    test_features: ClassVar = dict(part='part_embed', **BNNeckHead.test_features)

    training_only = ('classifier', 'graph_attention')

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None = None,
        num_parts: int = 3,
        num_heads: int = 4,
        dropout: float = 0.2,
        pooling: dict = dict(type='GlobalAveragePooling'),
        test_feature: str = 'part',
    ) -> None:
        super().__init__(in_channels, num_classes, pooling, test_feature)
        self.part_attention = PartAttention(in_channels, num_parts)
        if num_classes is not None:
            self.graph_attention = GraphAttention(in_channels, num_classes, num_heads, dropout)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features of the map ``feats[-1]``, (B, D, h, w); a graph needs labels, which only training has."""
        features = super().forward(feats, batch)
        features['part_embed'] = self.part_attention(feats[-1], features['bn_embed'])
        if self.training and self.classifier is not None:
            features['part_logits'] = self.classifier(features['part_embed'])
            features['graph_logits'] = self.graph_attention(features['embed'], batch.labels)
        return features
