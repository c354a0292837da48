import math

import pytest
import torch

from haresreid.models import BNNeckHead, HCTripletLoss, IDLoss, MMDLoss, WeightedRegularizedTripletLoss
from haresreid.registry import MODELS

LOSSES = dict(
    id=dict(type=IDLoss, feature='logits'),
    tri=dict(type=HCTripletLoss, feature=['embed', 'bn_embed'], weight=0.5),
    mmd=dict(type=MMDLoss, feature='embed'),
    wrt=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=0.1),
)


def build(**changes) -> BNNeckHead:
    return MODELS.build(dict(type=BNNeckHead, num_classes=6, in_channels=16, losses=LOSSES) | changes)


@pytest.fixture
def feats(samples):
    return (torch.randn(len(samples), 16, 4, 2, generator=torch.Generator().manual_seed(0)),)


def test_named_features(feats):
    head = build().eval()
    features = head(feats)
    assert torch.allclose(features['embed'], feats[-1].mean((2, 3)), atol=1e-6)
    assert torch.allclose(features['bn_embed'], features['embed'] * head.bnneck.weight / (1 + 1e-5) ** 0.5, atol=1e-6)
    assert torch.allclose(features['logits'], features['bn_embed'] @ head.classifier.weight.T, atol=1e-6)


def test_losses_are_weighted_and_summed_over_their_features(feats, samples):
    head = build()
    results = head.loss(feats, samples)
    features = head(feats)
    labels, modalities = (torch.tensor([getattr(s, key) for s in samples]) for key in ('gt_label', 'modality'))
    expected = 0.5 * sum(HCTripletLoss()(features[name], labels, modalities) for name in ('embed', 'bn_embed'))
    assert torch.allclose(results['loss_tri'], expected)
    assert results['acc_id'].item() == 100 * (features['logits'].argmax(1) == labels).float().mean().item()
    assert list(results) == ['loss_id', 'loss_tri', 'loss_mmd', 'loss_wrt', 'acc_id']
    head.loss_weights['tri'] = 0.0
    assert head.loss(feats, samples)['loss_tri'].item() == 0


def test_collapse_values_carry_the_weights(feats, samples):
    head = build()
    head.loss(feats, samples)
    assert head.collapse_values() == pytest.approx(
        dict(loss_id=math.log(6), loss_tri=0.5 * 2 * 0.3, loss_wrt=0.1 * math.log(2))
    )


def test_unknown_feature_is_refused_with_those_that_exist(feats, samples):
    head = build(losses=dict(aux=dict(type=HCTripletLoss, feature=['embed', 'cls_4'])))
    with pytest.raises(ValueError, match="loss 'aux' wants the feature 'cls_4', .* only bn_embed, embed, logits"):
        head.loss(feats, samples)


def test_bias_of_the_neck_stays_zero_and_the_classifier_has_none(feats, samples):
    head = build()
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    weight = head.bnneck.weight.clone()
    for _ in range(10):
        optimizer.zero_grad()
        sum(value for key, value in head.loss(feats, samples).items() if 'loss' in key).backward()
        optimizer.step()
    assert torch.equal(head.bnneck.bias, torch.zeros(16))
    assert not torch.equal(head.bnneck.weight, weight)
    assert head.classifier.bias is None


@pytest.mark.parametrize('test_feature, name', [('post_bn', 'bn_embed'), ('pre_bn', 'embed')])
def test_prediction_is_the_normalised_feature(feats, samples, test_feature, name):
    head = build(test_feature=test_feature).eval()
    predictions = head.predict(feats, samples)
    expected = head(feats)[name]
    for sample, feature in zip(predictions, expected):
        assert torch.allclose(sample.pred_feature, feature / feature.norm(), atol=1e-6)
        assert sample.pred_feature.norm().item() == pytest.approx(1)


def test_wrong_test_feature_is_refused():
    with pytest.raises(ValueError, match="test_feature must be 'post_bn' or 'pre_bn', not 'fc'"):
        build(test_feature='fc')
