"""BNNeck head that retrieves by the features before and after the norm together."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .bnneck_head import BNNeckHead

__all__ = ['JointBNNeckHead']


@MODELS.register_module()
class JointBNNeckHead(BNNeckHead):
    """A :class:`BNNeckHead` with one more feature, ``joint`` (B, 2 D): both embeddings, each L2-normalised.

    The product of two such features is the sum of the cosines before and after the norm, as in DEEN's released test.
    ``test_feature='joint'`` retrieves by it.
    """

    test_features: ClassVar = dict(BNNeckHead.test_features, joint='joint')

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """See :class:`BNNeckHead`."""
        features = super().forward(feats, batch)
        features['joint'] = torch.cat([F.normalize(features[name]) for name in ('embed', 'bn_embed')], dim=1)
        return features
