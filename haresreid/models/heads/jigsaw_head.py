"""Head of TransReID with the jigsaw patch module (He et al., ICCV 2021)."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .bnneck_head import make_bnneck, make_classifier
from .reid_head import ReIDHead

__all__ = ['JigsawHead']


@MODELS.register_module()
class JigsawHead(ReIDHead):
    """A batch norm whose bias stays zero and a classifier without bias, for the whole image and for each part.

    An image is represented by the concatenation of the whole image's feature and those of the parts, each of these
    divided by their number.

    Features for losses: ``global`` and ``local_1`` to ``local_n`` before the norms, ``global_logits`` and ``logits_1``
    to ``logits_n``; ``embed`` and ``bn_embed``, the concatenations before and after the norms.

    Args:
        in_channels (int): Width D of a token.
        num_classes (int, optional): Training identities C. Defaults to None: no classifiers, hence no logits.
        num_parts (int): As in :class:`JigsawVisionTransformer`. Defaults to 4.
        test_feature (str): 'pre_bn' or 'post_bn', the concatenation used for retrieval. Defaults to 'pre_bn'.
    """

    test_features: ClassVar = dict(pre_bn='embed', post_bn='bn_embed')

    training_only = ('classifiers',)

    def __init__(
        self, in_channels: int, num_classes: int | None = None, num_parts: int = 4, test_feature: str = 'pre_bn'
    ) -> None:
        super().__init__(num_classes, test_feature)
        self.bnnecks = nn.ModuleList(make_bnneck(in_channels) for _ in range(1 + num_parts))
        self.classifiers = nn.ModuleList()
        if num_classes is not None:
            self.classifiers.extend(make_classifier(in_channels, num_classes) for _ in range(1 + num_parts))

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """All named features of the class tokens ``feats``, (B, D) each, the whole image's first."""
        tokens = [token.to(torch.promote_types(token.dtype, torch.float32)) for token in feats]
        normed = [bnneck(token) for bnneck, token in zip(self.bnnecks, tokens, strict=True)]
        features = dict(embed=_joined(tokens), bn_embed=_joined(normed))
        features |= {f'local_{i}' if i else 'global': token for i, token in enumerate(tokens)}
        for i, (classifier, token) in enumerate(zip(self.classifiers, normed)):
            features[f'logits_{i}' if i else 'global_logits'] = classifier(token)  # (B, C)
        return features


def _joined(tokens: list[Tensor]) -> Tensor:
    """(B, D) each -> (B, (1 + num_parts) * D)."""
    whole, *parts = tokens
    return torch.cat((whole, *(part / len(parts) for part in parts)), dim=1)
