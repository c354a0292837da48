import pytest
import torch

from haresreid.models import StripeHead
from haresreid.registry import MODELS


def build(**changes) -> StripeHead:
    torch.manual_seed(0)
    return MODELS.build(dict(type=StripeHead, num_classes=6, num_stripes=3, channels=4) | changes)


@pytest.fixture
def stripes(samples):
    return tuple(torch.randn(3, len(samples), 4, generator=torch.Generator().manual_seed(0)))


def test_named_features(stripes):
    head = build()
    features = head(stripes, None)
    assert torch.equal(features['embed'], torch.cat(stripes, dim=1))
    for i, (stripe, classifier) in enumerate(zip(stripes, head.classifiers), start=1):
        assert features[f'stripe_{i}'] is stripe
        assert torch.allclose(features[f'logits_{i}'], stripe @ classifier.weight.T + classifier.bias)
    assert torch.allclose(features['logits'], sum(features[f'logits_{i}'] for i in (1, 2, 3)) / 3)


def test_retrieval_is_by_the_concatenation():
    assert (build().test_feature, build().retrieval_feature) == ('stripes', 'embed')


def test_retrieval_may_be_by_normalised_stripes(stripes):
    head = build(test_feature='normed_stripes')
    expected = torch.cat([stripe / stripe.norm(dim=1, keepdim=True) for stripe in stripes], dim=1)
    torch.testing.assert_close(head(stripes, None)[head.retrieval_feature], expected)


def test_a_leaky_relu_is_seen_by_the_classifiers_alone(stripes):
    head = build(slope=0.1)
    features = head(stripes, None)
    for i, (stripe, classifier) in enumerate(zip(stripes, head.classifiers), start=1):
        assert features[f'stripe_{i}'] is stripe
        torch.testing.assert_close(features[f'logits_{i}'], classifier(torch.where(stripe > 0, stripe, 0.1 * stripe)))


def test_features_of_the_other_head_are_refused():
    with pytest.raises(ValueError, match="test_feature must be 'stripes' or 'normed_stripes', not 'pre_bn'"):
        build(test_feature='pre_bn')


def test_another_number_of_stripes_is_refused(stripes):
    with pytest.raises(ValueError):
        build()(stripes[:2], None)
