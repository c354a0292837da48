import pytest
import torch

from haresreid.models import BNNeckHead, StripeBNNeckHead
from haresreid.registry import MODELS


def build(**changes) -> StripeBNNeckHead:
    torch.manual_seed(0)
    return MODELS.build(dict(type=StripeBNNeckHead, in_channels=8, num_classes=6, num_stripes=3) | changes)


@pytest.fixture
def feature_map() -> torch.Tensor:
    return torch.randn(5, 8, 6, 3, generator=torch.Generator().manual_seed(0))


def test_every_stripe_has_a_bnneck_head_of_its_own(feature_map):
    head = build()
    features = head((feature_map,), None)
    for i in range(3):
        alone = MODELS.build(dict(type=BNNeckHead, in_channels=8, num_classes=6))
        alone.bnneck, alone.classifier = head.bnnecks[i], head.classifiers[i]
        expected = alone((feature_map[:, :, 2 * i : 2 * i + 2],), None)
        assert torch.equal(features[f'stripe_{i + 1}'], expected['embed'])
        assert torch.equal(features[f'bn_stripe_{i + 1}'], expected['bn_embed'])
        assert torch.equal(features[f'logits_{i + 1}'], expected['logits'])
    assert torch.equal(features['embed'], torch.cat([features[f'stripe_{i}'] for i in (1, 2, 3)], dim=1))
    assert torch.equal(features['bn_embed'], torch.cat([features[f'bn_stripe_{i}'] for i in (1, 2, 3)], dim=1))
    assert torch.allclose(features['logits'], sum(features[f'logits_{i}'] for i in (1, 2, 3)) / 3)


def test_it_starts_as_bnnecks_do():
    head = build(in_channels=512)
    for bnneck, classifier in zip(head.bnnecks, head.classifiers):
        assert not bnneck.bias.requires_grad and bnneck.weight.std().item() == pytest.approx(0.01, rel=0.1)
        assert classifier.bias is None and classifier.weight.std().item() == pytest.approx(0.001, rel=0.1)


def test_the_upper_of_unequal_stripes_are_taller(feature_map):
    features = build(num_stripes=4)((feature_map,), None)
    for i, (top, bottom) in enumerate(((0, 2), (2, 4), (4, 5), (5, 6)), start=1):
        assert torch.allclose(features[f'stripe_{i}'], feature_map[:, :, top:bottom].mean((2, 3)), atol=1e-6)


def test_a_map_with_too_few_rows_is_refused(feature_map):
    with pytest.raises(ValueError, match='A map of 6 rows cannot be cut into 7 stripes'):
        build(num_stripes=7)((feature_map,), None)


@pytest.mark.parametrize('test_feature, name', [('post_bn', 'bn_embed'), ('pre_bn', 'embed')])
def test_retrieval_is_by_a_concatenation(test_feature, name):
    assert build(test_feature=test_feature).retrieval_feature == name
    assert 'logits' not in build(num_classes=None).eval()((torch.ones(2, 8, 6, 3),), None)
