import pytest
import torch

from haresreid.models import HCTripletLoss, IDLoss, StripeHead
from haresreid.registry import MODELS

LOSSES = dict(
    id=dict(type=IDLoss, feature=['logits_1', 'logits_2', 'logits_3']),
    hc_tri=dict(type=HCTripletLoss, feature='embed'),
    hc_tri_stripes=dict(type=HCTripletLoss, feature=['stripe_1', 'stripe_2', 'stripe_3'], weight=2.0),
)


def build(**changes) -> StripeHead:
    torch.manual_seed(0)
    return MODELS.build(dict(type=StripeHead, num_classes=6, num_stripes=3, channels=4, losses=LOSSES) | changes)


@pytest.fixture
def stripes(samples):
    return tuple(torch.randn(3, len(samples), 4, generator=torch.Generator().manual_seed(0)))


def test_named_features(stripes):
    head = build()
    features = head(stripes)
    assert torch.equal(features['embed'], torch.cat(stripes, dim=1))
    for i, (stripe, classifier) in enumerate(zip(stripes, head.classifiers), start=1):
        assert features[f'stripe_{i}'] is stripe
        assert torch.allclose(features[f'logits_{i}'], stripe @ classifier.weight.T + classifier.bias)
    assert torch.allclose(features['logits'], sum(features[f'logits_{i}'] for i in (1, 2, 3)) / 3)


def test_losses_are_summed_over_the_stripes(stripes, samples):
    head = build()
    results = head.loss(stripes, samples)
    labels, modalities = (torch.tensor([getattr(s, key) for s in samples]) for key in ('gt_label', 'modality'))
    identity = sum(IDLoss()(head(stripes)[f'logits_{i}'], labels, modalities) for i in (1, 2, 3))
    assert torch.allclose(results['loss_id'], identity)
    parts = 2 * sum(HCTripletLoss()(stripe, labels, modalities) for stripe in stripes)
    assert torch.allclose(results['loss_hc_tri_stripes'], parts)
    assert torch.allclose(results['loss_hc_tri'], HCTripletLoss()(torch.cat(stripes, dim=1), labels, modalities))
    assert head.collapse_values()['loss_hc_tri_stripes'] == pytest.approx(2 * 3 * 0.3)


def test_retrieval_is_by_the_concatenation(stripes, samples):
    head = build()
    expected = torch.cat(stripes, dim=1)
    expected = expected / expected.norm(dim=1, keepdim=True)
    predicted = torch.stack([sample.pred_feature for sample in head.predict(stripes, samples)])
    assert torch.allclose(predicted, expected)
    assert head.test_feature == 'stripes'


def test_features_of_the_other_head_are_refused():
    with pytest.raises(ValueError, match="test_feature must be 'stripes', not 'pre_bn'"):
        build(test_feature='pre_bn')


def test_another_number_of_stripes_is_refused(stripes):
    with pytest.raises(ValueError):
        build()(stripes[:2])
