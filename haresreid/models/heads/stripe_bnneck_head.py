"""Head of a part-based model with a BNNeck for each horizontal stripe, as MMN has it (Zhang et al., ACM MM 2021)."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .bnneck_head import make_bnneck, make_classifier
from .reid_head import ReIDHead

__all__ = ['StripeBNNeckHead']


@MODELS.register_module()
class StripeBNNeckHead(ReIDHead):
    """Pooling, a batch norm whose bias stays zero, and a classifier without bias, for each stripe of the last map.

    If the map's height is no multiple of ``num_stripes``, the upper stripes are one row taller than the lower ones.

    Features for losses: of each stripe ``stripe_i``, ``bn_stripe_i`` and ``logits_i``; ``embed`` and ``bn_embed``, the
    concatenations; ``logits``, the mean.

    Args:
        in_channels (int): Channels D of the map.
        num_classes (int, optional): Training identities C. Defaults to None: no classifiers, hence no ``logits``.
        num_stripes (int): Defaults to 4.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): 'post_bn' or 'pre_bn', the concatenation used for retrieval. Defaults to 'post_bn'.

    Raises:
        ValueError: In ``forward``, if the map has fewer rows than stripes.
    """

    test_features: ClassVar = dict(post_bn='bn_embed', pre_bn='embed')

    training_only = ('classifiers',)

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None = None,
        num_stripes: int = 4,
        pooling: dict = dict(type='GlobalAveragePooling'),
        test_feature: str = 'post_bn',
    ) -> None:
        super().__init__(num_classes, test_feature)
        self.pooling = MODELS.build(pooling)
        self.bnnecks = nn.ModuleList(make_bnneck(in_channels) for _ in range(num_stripes))
        self.classifiers = nn.ModuleList()
        if num_classes is not None:
            self.classifiers.extend(make_classifier(in_channels, num_classes) for _ in range(num_stripes))

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features of the last map, (B, D, h, w)."""
        height, count = feats[-1].size(2), len(self.bnnecks)
        if height < count:
            raise ValueError(
                f'A map of {height} rows cannot be cut into {count} stripes: choose a smaller num_stripes.'
            )
        stripes = [self.pooling(stripe) for stripe in feats[-1].tensor_split(count, dim=2)]  # (B, D) each
        normed = [bnneck(stripe) for bnneck, stripe in zip(self.bnnecks, stripes)]
        features = {f'stripe_{i}': stripe for i, stripe in enumerate(stripes, start=1)}
        features |= {f'bn_stripe_{i}': stripe for i, stripe in enumerate(normed, start=1)}
        features |= dict(embed=torch.cat(stripes, dim=1), bn_embed=torch.cat(normed, dim=1))  # (B, num_stripes * D)
        if self.classifiers:
            logits = [classifier(stripe) for classifier, stripe in zip(self.classifiers, normed)]
            features |= {f'logits_{i}': scores for i, scores in enumerate(logits, start=1)}
            features['logits'] = torch.stack(logits).mean(dim=0)  # (B, C)
        return features
