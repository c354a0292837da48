import pytest
import torch

from haresreid.models import BNNeckHead
from haresreid.registry import MODELS


def build(**changes) -> BNNeckHead:
    return MODELS.build(dict(type=BNNeckHead, num_classes=6, in_channels=16) | changes)


@pytest.fixture
def feats(samples):
    return (torch.randn(len(samples), 16, 4, 2, generator=torch.Generator().manual_seed(0)),)


def test_named_features(feats, batch):
    head = build().eval()
    features = head(feats, batch)
    assert torch.allclose(features['embed'], feats[-1].mean((2, 3)), atol=1e-6)
    assert torch.allclose(features['bn_embed'], features['embed'] * head.bnneck.weight / (1 + 1e-5) ** 0.5, atol=1e-6)
    assert torch.allclose(features['logits'], features['bn_embed'] @ head.classifier.weight.T, atol=1e-6)


def test_bias_of_the_neck_stays_zero_and_the_classifier_has_none(feats, batch):
    head = build()
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    weight = head.bnneck.weight.clone()
    for _ in range(10):
        optimizer.zero_grad()
        sum(value.square().sum() for value in head(feats, batch).values()).backward()
        optimizer.step()
    assert torch.equal(head.bnneck.bias, torch.zeros(16))
    assert not torch.equal(head.bnneck.weight, weight)
    assert head.classifier.bias is None


@pytest.mark.parametrize('test_feature, name', [('post_bn', 'bn_embed'), ('pre_bn', 'embed')])
def test_the_feature_of_retrieval_has_a_name(test_feature, name):
    assert build(test_feature=test_feature).retrieval_feature == name


def test_wrong_test_feature_is_refused():
    with pytest.raises(ValueError, match="test_feature must be 'post_bn' or 'pre_bn', not 'fc'"):
        build(test_feature='fc')
