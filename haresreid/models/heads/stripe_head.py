"""Head of a part-based model: an identity classifier per horizontal stripe (PCB, Sun et al., ECCV 2018)."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_head import ReIDHead

__all__ = ['StripeHead']


@MODELS.register_module()
class StripeHead(ReIDHead):
    """A linear classifier for each stripe vector of :class:`StripeNeck`; their concatenation represents the image.

    Features for losses: ``stripe_1`` to ``stripe_n``, ``embed``, their concatenation, and ``normed_embed``, that of the
    L2-normalised stripes; ``logits_1`` to ``logits_n`` and ``logits``, their mean.

    Args:
        num_classes (int, optional): Training identities C. Defaults to None: no classifiers, hence no ``logits``.
        num_stripes (int): Defaults to 6.
        channels (int): Width of a stripe vector. Defaults to 256.
        slope (float): Of a leaky ReLU in front of each classifier, which no other feature sees; 1 is none. Defaults to
            1.0.
        test_feature (str): 'stripes' or 'normed_stripes', the concatenation used for retrieval. Defaults to 'stripes'.
    """

    test_features: ClassVar = dict(stripes='embed', normed_stripes='normed_embed')

    training_only = ('classifiers',)

    def __init__(
        self,
        num_classes: int | None = None,
        num_stripes: int = 6,
        channels: int = 256,
        slope: float = 1.0,
        test_feature: str = 'stripes',
    ) -> None:
        super().__init__(num_classes, test_feature)
        self.slope = slope
        self.classifiers = nn.ModuleList()
        if num_classes is not None:
            self.classifiers.extend(nn.Linear(channels, num_classes) for _ in range(num_stripes))
        for classifier in self.classifiers:
            nn.init.normal_(classifier.weight, std=0.001)
            nn.init.zeros_(classifier.bias)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features of the stripe vectors ``feats``, (B, channels) each."""
        features = {f'stripe_{i}': stripe for i, stripe in enumerate(feats, start=1)}
        features['embed'] = torch.cat(feats, dim=1)  # (B, num_stripes * channels)
        features['normed_embed'] = torch.cat([F.normalize(stripe) for stripe in feats], dim=1)
        if self.classifiers:
            logits = [
                classifier(F.leaky_relu(stripe, self.slope))
                for classifier, stripe in zip(self.classifiers, feats, strict=True)
            ]
            features |= {f'logits_{i}': scores for i, scores in enumerate(logits, start=1)}
            features['logits'] = torch.stack(logits).mean(dim=0)  # (B, C)
        return features
