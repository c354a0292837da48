"""HGAE and the head of HAResformer (paper secs. III-C to III-E, eqs. 5-6, and Table IV)."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS

from ..backbones.hfe import HierarchicalFeatures, te_widths
from .bnneck_head import BNNeckHead

__all__ = ['HGAEHead']


@MODELS.register_module()
class HGAEHead(BNNeckHead):
    """``F = pool(g_4 + f_4) + F_GA`` with ``F_GA = GELU(FC(cls_1 || cls_2 || cls_3 || cls_4))``, then BNNeck.

    Features for losses: ``embed`` (F), ``bn_embed``, ``logits``, the class tokens ``cls_1`` to ``cls_4``, with HGAE
    ``global_agg`` (F_GA), and the pooled patch map ``patch_4``. Deep supervision (DSA) is a loss on some class tokens
    and F_GA; the paper has none on a patch map.

    Where the paper is silent: pooling is the average, because g_4 is signed and GeM is not defined on it; F_GA has
    D_4 channels and is added to the pooled map ('concat' is the other reading); ADD is an element-wise sum of maps.

    Args:
        num_classes (int, optional): Training identities C. Defaults to None: no classifier, hence no ``logits``.
        stage_channels (tuple[int]): D_1..D_4 of the encoder. Defaults to (256, 512, 1024, 2048).
        te_ratio (float): Width of a class token divided by that of its stage, as in the backbone. Defaults to 1.
        add (bool): Add f_4 to g_4 before pooling (ADD). Defaults to True.
        hgae (bool): Use the hierarchical global aggregation encoder. Defaults to True.
        combine (str): 'sum' or 'concat', how F_GA joins the pooled map. Defaults to 'sum'.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): 'post_bn' or 'pre_bn'. Defaults to 'post_bn'.
        init_std (float): Standard deviation of HGAE's initial weights; a narrow model needs more, as its TE does.
            Defaults to 0.02.

    Raises:
        ValueError: If ``combine`` is something else, ``te_ratio`` leaves no whole number of channels, or the backbone
            has other widths than ``stage_channels`` and ``te_ratio`` say.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        stage_channels: tuple[int, ...] = (256, 512, 1024, 2048),
        te_ratio: float = 1,
        add: bool = True,
        hgae: bool = True,
        combine: str = 'sum',
        pooling: dict = dict(type='GlobalAveragePooling'),
        test_feature: str = 'post_bn',
        init_std: float = 0.02,
    ) -> None:
        if combine not in ('sum', 'concat'):
            raise ValueError(f"combine must be 'sum' or 'concat', not {combine!r}.")
        width = stage_channels[-1]
        in_channels = 2 * width if hgae and combine == 'concat' else width
        super().__init__(in_channels, num_classes, pooling=pooling, test_feature=test_feature)
        self.add = add
        self.combine = combine
        self.widths = (*te_widths(stage_channels, te_ratio), width)
        self.hgae = nn.Sequential(nn.Linear(sum(self.widths[:-1]), width), nn.GELU()) if hgae else None
        if hgae:
            nn.init.trunc_normal_(self.hgae[0].weight, std=init_std)
            nn.init.zeros_(self.hgae[0].bias)

    def embeddings(self, feats: HierarchicalFeatures) -> dict[str, Tensor]:
        """Named features before the norm."""
        widths = (*(token.shape[1] for token in feats.cls_tokens), feats.fused.shape[1])
        if widths != self.widths:
            raise ValueError(
                f'The backbone gives class tokens and a map of {widths} channels, and model.head expects '
                f'{self.widths}: model.head.stage_channels and model.head.te_ratio must be those of the backbone.'
            )
        embed = self.pooling(feats.fused + feats.local if self.add else feats.fused)  # (B, D_4)
        features = {f'cls_{stage}': token for stage, token in enumerate(feats.cls_tokens, start=1)}
        features[f'patch_{len(feats.cls_tokens)}'] = feats.patch_map.mean(dim=(2, 3))  # (B, D_4)
        if self.hgae is not None:
            global_agg = self.hgae(torch.cat(feats.cls_tokens, dim=1))  # (B, D_4)
            features['global_agg'] = global_agg
            embed = embed + global_agg if self.combine == 'sum' else torch.cat((embed, global_agg), dim=1)
        features['embed'] = embed  # F
        return features
