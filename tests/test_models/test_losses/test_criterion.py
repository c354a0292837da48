import math

import pytest
import torch

from haresreid.models import (
    Criterion,
    HCTripletLoss,
    IDLoss,
    KLDivergenceLoss,
    MMDLoss,
    Ramp,
    ReIDLoss,
    Step,
    WeightedRegularizedTripletLoss,
)

LOSSES = dict(
    id=dict(type=IDLoss, feature=['logits_1', 'logits_2']),
    tri=dict(type=HCTripletLoss, feature=['embed', 'bn_embed'], weight=0.5),
    mmd=dict(type=MMDLoss, feature='embed'),
    wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=0.1),
)


class Distance(ReIDLoss):
    """Two features, by name."""

    def forward(self, batch, feats, target):
        return (feats - 2 * target).square().mean() + 0 * batch.labels.sum()


@pytest.fixture
def features(samples):
    generator = torch.Generator().manual_seed(0)
    widths = dict(embed=16, bn_embed=16, logits_1=6, logits_2=6)
    return {name: torch.randn(len(samples), width, generator=generator) for name, width in widths.items()}


def test_losses_are_weighted_and_summed_over_their_features(features, batch):
    criterion = Criterion(LOSSES)
    results = criterion(features, batch)
    assert list(results) == ['loss_id', 'loss_tri', 'loss_mmd', 'loss_wr_tri', 'acc_id']
    expected = 0.5 * sum(HCTripletLoss()(features[name], batch) for name in ('embed', 'bn_embed'))
    assert torch.allclose(results['loss_tri'], expected)
    criterion.weights['tri'] = 0.0
    assert criterion(features, batch)['loss_tri'].item() == 0


def test_the_accuracy_of_several_classifiers_is_that_of_their_mean_logits(features, batch):
    mean = (features['logits_1'] + features['logits_2']) / 2
    expected = 100 * (mean.argmax(1) == batch.labels).float().mean()
    assert Criterion(LOSSES)(features, batch)['acc_id'] == expected


def test_without_logits_there_is_no_accuracy(features, batch):
    results = Criterion(dict(tri=LOSSES['tri']))({name: features[name] for name in ('embed', 'bn_embed')}, batch)
    assert list(results) == ['loss_tri']


def test_a_loss_of_two_features_takes_them_by_name(features, batch):
    losses = dict(far=dict(type=Distance, features=dict(target='bn_embed', feats='embed'), weight=3.0))
    expected = 3 * (features['embed'] - 2 * features['bn_embed']).square().mean()
    assert torch.allclose(Criterion(losses)(features, batch)['loss_far'], expected)


def test_a_schedule_stands_where_the_weight_stands(features, batch):
    losses = dict(LOSSES, tri=dict(LOSSES['tri'], weight=dict(type=Ramp, to=2.0, begin=0.5, end=1.0)))
    criterion = Criterion(losses)
    plain = Criterion(LOSSES)(features, batch)
    assert criterion.weights['tri'] == 2.0  # nothing is trained
    for progress, weight in ((0.0, 0.0), (0.75, 1.0), (1.0, 2.0)):
        criterion.update_weights(progress, {})
        results = criterion(features, batch)
        assert torch.allclose(results['loss_tri'], plain['loss_tri'] * weight / 0.5)
        assert torch.equal(results['loss_mmd'], plain['loss_mmd'])


def test_collapse_values_carry_the_weights():
    expected = dict(loss_id=2 * math.log(6), loss_tri=0.5 * 2 * 0.3, loss_wr_tri=0.1 * math.log(2))
    assert Criterion(LOSSES).collapse_values(6) == pytest.approx(expected)
    assert 'loss_id' not in Criterion(LOSSES).collapse_values(None)


def test_unknown_feature_is_refused_with_those_that_exist(features, batch):
    criterion = Criterion(dict(aux=dict(type=HCTripletLoss, feature=['embed', 'cls_4'])))
    with pytest.raises(ValueError, match="loss 'aux' wants the feature 'cls_4', .* only bn_embed, embed, logits_1"):
        criterion(features, batch)


@pytest.mark.parametrize(
    'given, what', [({}, 'neither'), (dict(feature='embed', features=dict(feats='embed')), 'both')]
)
def test_a_loss_names_its_features_one_way(given, what):
    with pytest.raises(ValueError, match=f"The loss 'mmd' needs either feature, .* it has {what}"):
        Criterion(dict(mmd=dict(type=MMDLoss, **given)))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(weight='high'), "weight of the loss 'mmd' must be a number .* or a schedule .*, not 'high'"),
        (dict(weight=None), "weight of the loss 'mmd' must be a number .* or a schedule .*, not None"),
        (dict(weight=-1), "weight of the loss 'mmd' must be a number from 0 on, .* not -1"),
        (dict(weight=math.nan), "weight of the loss 'mmd' must be a number from 0 on, .* not nan"),
        (dict(weight=math.inf), "weight of the loss 'mmd' must be a number from 0 on, .* not inf"),
        (dict(weight=dict(type=Ramp, to=math.nan, begin=0, end=1)), "weight of the loss 'mmd' .* not nan"),
        (dict(weight=dict(type=Step, at=0.5, start=-1)), "weight of the loss 'mmd' .* not -1"),
        (dict(feature=5), "The loss 'mmd' must name its features by strings such as 'logits', not 5"),
        (dict(feature=['embed', '']), "The loss 'mmd' must name its features by strings such as 'logits', not ''"),
        (dict(feature=None, features=dict(feats=5)), "The loss 'mmd' must name its features by strings .* not 5"),
        (dict(feature=[]), "The loss 'mmd' names no feature"),
        (dict(feature=None, features=dict(x='embed')), "'mmd', MMDLoss, cannot take its features: .* 'batch'"),
        (dict(type=KLDivergenceLoss), "'mmd', KLDivergenceLoss, cannot take .* argument: 'target'"),
        (dict(feature=None, features=['embed']), "features of the loss 'mmd' must be a dict .* not ..embed"),
    ],
)
def test_what_no_loss_can_be_made_of_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Criterion(dict(mmd=dict(LOSSES['mmd'], **change)))


def test_without_losses_nothing_can_be_trained(features, batch):
    with pytest.raises(ValueError, match='has no losses, so nothing can be trained'):
        Criterion({})(features, batch)
