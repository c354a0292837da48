"""BNNeck head (Luo et al., CVPRW 2019)."""

from typing import ClassVar

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_head import ReIDHead

__all__ = ['BNNeckHead', 'make_bnneck', 'make_classifier']


@MODELS.register_module()
class BNNeckHead(ReIDHead):
    """Pooling, a batch norm whose bias stays zero, and a classifier without bias.

    Metric losses usually act on ``embed`` (before the norm) and the identity loss on ``logits`` (after it). A subclass
    computes other embeddings, or offers more features to the losses, by overriding :meth:`embeddings`.

    Args:
        in_channels (int): Width D of the embedding.
        num_classes (int, optional): Training identities C. None and 0 stand for no classifier, hence no ``logits``.
            Defaults to None.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): 'post_bn' or 'pre_bn', the feature used for retrieval. Defaults to 'post_bn'.
    """

    test_features: ClassVar = dict(post_bn='bn_embed', pre_bn='embed')

    training_only = ('classifier',)

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None = None,
        pooling: dict = dict(type='GlobalAveragePooling'),
        test_feature: str = 'post_bn',
    ) -> None:
        super().__init__(num_classes, test_feature)
        self.pooling = MODELS.build(pooling)
        self.bnneck = make_bnneck(in_channels)
        self.classifier = make_classifier(in_channels, num_classes) if num_classes else None

    def embeddings(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Named features before the norm, among them ``embed`` (B, D).

        Args:
            feats (tuple[Tensor]): Feature maps of the backbone; the last one, (B, D, h, w), is pooled.
        """
        return dict(embed=self.pooling(feats[-1]))

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features: :meth:`embeddings`, ``bn_embed`` (B, D) and ``logits`` (B, C)."""
        features = self.embeddings(feats)
        features['bn_embed'] = self.bnneck(features['embed'])
        if self.classifier is not None:
            features['logits'] = self.classifier(features['bn_embed'])
        return features


def make_bnneck(channels: int) -> nn.BatchNorm1d:
    """A batch norm whose bias stays zero."""
    norm = nn.BatchNorm1d(channels)
    norm.bias.requires_grad_(False)
    nn.init.normal_(norm.weight, mean=1.0, std=0.01)
    return norm


def make_classifier(channels: int, num_classes: int) -> nn.Linear:
    """A classifier without bias, whose first logits are close to zero."""
    classifier = nn.Linear(channels, num_classes, bias=False)
    nn.init.normal_(classifier.weight, std=0.001)
    return classifier
