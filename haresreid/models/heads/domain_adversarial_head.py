"""Head whose identity features shall not tell their modality (DMiR, TCSVT 2022)."""

from typing import ClassVar

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import reverse_gradient
from .bnneck_head import BNNeckHead

__all__ = ['DomainAdversarialHead']


@MODELS.register_module()
class DomainAdversarialHead(BNNeckHead):
    """A :class:`BNNeckHead` behind :class:`DomainBranchResNet`, with a classifier of the modality in training.

    ``domain_embed`` (B, D) is the pooled map of the domain. One classifier reads it, ``domain_logits`` (B, 2), and the
    embedding of the identity behind a reversed gradient, ``adversary_logits`` (B, 2): a loss on both teaches the domain
    branch to tell the modality, and the identity branch to hide it.

    Args:
        in_channels (int): Channels D of both maps.
        **kwargs: Those of :class:`BNNeckHead`.
    """

    training_only: ClassVar = (*BNNeckHead.training_only, 'modality_classifier')

    def __init__(self, in_channels: int, **kwargs) -> None:
        super().__init__(in_channels, **kwargs)
        self.modality_classifier = nn.Linear(in_channels, len(Modality))

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features; those of the domain if the map of the domain comes in front of that of the identity."""
        features = super().forward(feats, batch)
        if len(feats) > 1:
            domain = self.pooling(feats[0])  # (B, D)
            features.update(
                domain_embed=domain,
                domain_logits=self.modality_classifier(domain),
                adversary_logits=self.modality_classifier(reverse_gradient(features['embed'])),
            )
        return features
