import json
import math
from pathlib import Path

import pytest
import torch

from haresreid.models import WeightedRegularizedTripletLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses.json').read_text())


def slow_weighted_triplet(feats, labels, eps=1e-6):
    """``eps``: what the published code adds to the denominators of both softmaxes, and its smallest distance."""
    total = 0
    for i in range(len(feats)):
        distances = (feats - feats[i]).norm(dim=1).clamp(min=eps)  # (N,)
        positives, negatives = distances[labels == labels[i]], distances[labels != labels[i]]
        scores = (positives - positives.max()).exp()
        furthest = (scores * positives).sum() / (scores.sum() + eps)
        nearest = ((-negatives).exp() * negatives).sum() / ((-negatives).exp().sum() + eps)
        total += torch.log(1 + torch.exp(furthest - nearest))
    return total / len(feats)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (6, 8)])
def test_equals_the_published_code_on_closed_form_features(golden_batch, num_ids, num_instances):
    value, gradient = GOLDEN[f'wrt P{num_ids}K{num_instances}']
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss = WeightedRegularizedTripletLoss()(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-6)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-6)
    assert slow_weighted_triplet(feats, labels).item() == pytest.approx(value, rel=1e-9)


# 1e-8: here an image's distance to itself is zero, in the published code 1e-6
@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-8), (torch.float32, 1e-5)])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    value = WeightedRegularizedTripletLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_weighted_triplet(feats, labels).item(), abs=tolerance)


def test_equal_features_give_the_collapse_value():
    loss = WeightedRegularizedTripletLoss()
    feats = torch.ones(4, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 1])))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None))
    assert feats.grad.isfinite().all()


def test_negatives_out_of_reach_vanish_as_in_the_published_code():
    feats = torch.tensor([[0.0], [1.0], [40.0], [41.0]])
    value = WeightedRegularizedTripletLoss()(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 1])))
    to_positive = math.e / (math.e + 1)  # softmax of the distances 0 and 1
    assert value.item() == pytest.approx(math.log1p(math.exp(to_positive)), abs=1e-5)


def test_normalised_features_are_compared_by_direction(ragged_batch):
    feats, labels, modalities = ragged_batch
    batch = ReIDBatch.labelled(labels, modalities)
    loss = WeightedRegularizedTripletLoss(normalize=True)
    expected = slow_weighted_triplet(torch.stack([x / x.norm() for x in feats]), labels).item()
    # 1e-6, since an image's distance to itself is zero here
    assert loss(feats, batch).item() == pytest.approx(expected, abs=1e-6)
    assert loss(100 * feats, batch).item() == pytest.approx(loss(feats, batch).item(), abs=1e-12)
    assert WeightedRegularizedTripletLoss()(100 * feats, batch).item() > expected + 10
