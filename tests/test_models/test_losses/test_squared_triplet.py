import json
import math
from pathlib import Path

import pytest
import torch

from haresreid.models import SquaredDifferenceTripletLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses.json').read_text())


def slow_squared_triplet(feats, labels, eps=1e-6):
    """``eps``: what the published code adds to the denominators of both softmaxes, and its smallest distance."""
    total = 0
    for i in range(len(feats)):
        distances = (feats - feats[i]).norm(dim=1).clamp(min=eps)  # (N,)
        positives, negatives = distances[labels == labels[i]], distances[labels != labels[i]]
        scores = (positives - positives.max()).exp()
        furthest = (scores * positives).sum() / (scores.sum() + eps)
        nearest = ((-negatives).exp() * negatives).sum() / ((-negatives).exp().sum() + eps)
        square = (furthest - nearest) ** 2
        total += torch.log1p(torch.exp(square if furthest > nearest else -square))
    return total / len(feats)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (6, 8)])
def test_equals_the_published_code_on_closed_form_features(golden_batch, num_ids, num_instances):
    value, gradient = GOLDEN[f'caj_adp P{num_ids}K{num_instances}']
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss = SquaredDifferenceTripletLoss()(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-6)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-6)
    assert slow_squared_triplet(feats, labels).item() == pytest.approx(value, rel=1e-9)


# 1e-6: here an image's distance to itself is zero, in the published code 1e-6
@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-6), (torch.float32, 1e-4)])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    value = SquaredDifferenceTripletLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_squared_triplet(feats, labels).item(), abs=tolerance)


@pytest.mark.parametrize('labels, value', [([0, 1, 0, 1], 88), ([0, 0, 1, 1], 0)])
def test_difference_beyond_the_cut_is_constant_and_without_gradient(labels, value):
    feats = torch.tensor([[0.0], [1.0], [11.9], [12.9]], requires_grad=True)
    loss = SquaredDifferenceTripletLoss()(feats, ReIDBatch.labelled(torch.tensor(labels)))
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=1e-5)
    assert torch.equal(feats.grad, torch.zeros_like(feats))


def test_equal_features_give_the_collapse_value():
    loss = SquaredDifferenceTripletLoss()
    feats = torch.ones(4, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 1])))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) == math.log(2)
    assert feats.grad.isfinite().all()
