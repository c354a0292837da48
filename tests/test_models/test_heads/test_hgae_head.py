import pytest
import torch
import torch.nn.functional as F

from haresreid.models import HGAEHead, HierarchicalFeatures
from haresreid.registry import MODELS

CHANNELS = (2, 4, 8, 16)


def build(**changes) -> HGAEHead:
    return MODELS.build(dict(type=HGAEHead, num_classes=6, stage_channels=CHANNELS) | changes).eval()


@pytest.fixture
def feats():
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(2, 3, 16, 4, 2, generator=generator)
    tokens = tuple(torch.randn(3, c, generator=generator) for c in CHANNELS)
    return HierarchicalFeatures(maps[0], maps[1], tokens, torch.randn(3, 16, 4, 2, generator=generator))


def aggregation(head, feats):
    return F.gelu(torch.cat(feats.cls_tokens, 1) @ head.hgae[0].weight.T + head.hgae[0].bias)


@pytest.mark.parametrize('add', [True, False])
def test_sum(feats, add):
    head = build(add=add)
    pooled = (feats.fused + feats.local if add else feats.fused).mean((2, 3))
    features = head(feats, None)
    assert torch.allclose(features['global_agg'], aggregation(head, feats), atol=1e-6)
    assert torch.allclose(features['embed'], pooled + aggregation(head, feats), atol=1e-6)
    assert all(features[f'cls_{i}'] is token for i, token in enumerate(feats.cls_tokens, start=1))
    assert torch.allclose(features['patch_4'], feats.patch_map.mean((2, 3)), atol=1e-6)


def test_class_tokens_of_half_the_width(feats):
    feats = feats._replace(cls_tokens=tuple(token[:, ::2] for token in feats.cls_tokens))
    head = build(te_ratio=0.5)
    assert torch.allclose(head(feats, None)['global_agg'], aggregation(head, feats), atol=1e-6)


def test_concatenation(feats):
    head = build(combine='concat')
    pooled = (feats.fused + feats.local).mean((2, 3))
    assert torch.allclose(head(feats, None)['embed'], torch.cat((pooled, aggregation(head, feats)), 1), atol=1e-6)
    assert head(feats, None)['logits'].shape == (3, 6)


def test_without_hgae(feats):
    features = build(hgae=False)(feats, None)
    assert 'global_agg' not in features
    assert torch.allclose(features['embed'], (feats.fused + feats.local).mean((2, 3)), atol=1e-6)


def test_wrong_combine_is_refused():
    with pytest.raises(ValueError, match="combine must be 'sum' or 'concat', not 'mean'"):
        build(combine='mean')


@pytest.mark.parametrize(
    'changes', [dict(te_ratio=0.5), dict(stage_channels=(2, 4, 8)), dict(stage_channels=(2, 4, 8, 17))]
)
def test_widths_of_another_backbone_are_named(feats, changes):
    with pytest.raises(
        ValueError, match=r'gives class tokens and a map of \(2, 4, 8, 16, 16\) channels, and model.head'
    ):
        build(**changes)(feats, None)
