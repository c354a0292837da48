import json
import math
from pathlib import Path

import pytest
import torch

from haresreid.models import BatchHardTripletLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses.json').read_text())


def slow_batch_hard(feats, labels, margin):
    terms = []
    for i, anchor in enumerate(feats):
        positive = max((anchor - other).norm() for other, label in zip(feats, labels) if label == labels[i])
        negative = min((anchor - other).norm() for other, label in zip(feats, labels) if label != labels[i])
        difference = positive - negative
        terms.append((1 + difference.exp()).log() if margin is None else (margin + difference).clamp(min=0))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (8, 4), (6, 8)])
@pytest.mark.parametrize('name, margin', [('bh_tri_0.3', 0.3), ('transreid_tri_soft', None)])
def test_equals_the_published_code_on_closed_form_features(golden_batch, name, margin, num_ids, num_instances):
    value, gradient = GOLDEN[f'{name} P{num_ids}K{num_instances}']
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss = BatchHardTripletLoss(margin)(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-9)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.3, 5.0, None])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    value = BatchHardTripletLoss(margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_batch_hard(feats, labels, margin).item(), abs=tolerance)


@pytest.mark.parametrize('margin, collapse', [(0.3, 0.3), (None, math.log(2))])
def test_equal_features_give_the_collapse_value(margin, collapse):
    loss = BatchHardTripletLoss(margin)
    feats = torch.ones(4, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 1])))
    value.backward()
    assert value.item() == pytest.approx(collapse) == loss.collapse_value(None)
    assert feats.grad.isfinite().all()
