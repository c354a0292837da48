"""Head of MPANet (Wu et al., CVPR 2021): masks of patterns, and classifiers per modality."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import ModalityClassifiers
from .bnneck_head import BNNeckHead

__all__ = ['PatternHead']


@MODELS.register_module()
class PatternHead(BNNeckHead):
    """Average pooling of the last map under each of several learnt masks, and of the map itself; then BNNeck.

    Features for losses: ``embed``, the pooled vectors side by side, ``bn_embed`` and ``logits``; ``masks``, one per
    pattern; and in training ``own_logits`` and ``other_logits``, see :class:`ModalityClassifiers`.

    The norm starts at one and the classifiers as PyTorch's linear layers do, as in the released code.

    Args:
        in_channels (int): Channels D of the last map. The embedding has ``(num_patterns + 1) D``.
        num_classes (int, optional): Training identities C. Defaults to None: no classifiers, hence no logits.
        num_patterns (int): Masks P. Defaults to 6.
        test_feature (str): 'post_bn' or 'pre_bn'. Defaults to 'post_bn'.

    Raises:
        ValueError: If ``num_patterns`` is below one.
    """

    training_only = ('classifier', 'modality_classifiers')

    def __init__(
        self, in_channels: int, num_classes: int | None = None, num_patterns: int = 6, test_feature: str = 'post_bn'
    ) -> None:
        if num_patterns < 1:
            raise ValueError(f'num_patterns must be 1 or more, not {num_patterns}.')
        width = (num_patterns + 1) * in_channels
        super().__init__(width, num_classes, test_feature=test_feature)
        self.masks = nn.Conv2d(in_channels, num_patterns, 1)
        nn.init.zeros_(self.masks.bias)
        nn.init.ones_(self.bnneck.weight)
        self.modality_classifiers = None
        if self.classifier is not None:
            self.classifier.reset_parameters()
            self.modality_classifiers = ModalityClassifiers(width, num_classes)

    def embeddings(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Features before the norm: ``embed`` (B, (P+1) D) and ``masks`` (B, P, h*w)."""
        x = feats[-1].flatten(2)  # (B, D, h*w)
        masks = self.masks(feats[-1]).sigmoid().flatten(2)  # (B, P, h*w)
        parts = masks @ x.transpose(1, 2) / x.size(2)  # (B, P, D): divided by the map's area, not the mask's
        return dict(embed=torch.cat((parts.flatten(1), self.pooling(feats[-1])), dim=1), masks=masks)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features; the scores per modality in training only."""
        features = super().forward(feats, batch)
        if self.training and self.modality_classifiers is not None:
            own, other = self.modality_classifiers(features['bn_embed'], batch)  # (B, C) each
            features |= dict(own_logits=own, other_logits=other)
        return features
