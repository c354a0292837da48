import json
import math
from pathlib import Path

import pytest
import torch

from haresreid.models import BatchHardTripletLoss
from haresreid.structures import ReIDBatch

DATA = Path(__file__).parents[2] / 'data/golden'
GOLDEN = json.loads((DATA / 'losses.json').read_text())
GOLDEN_BLOCKS = json.loads((DATA / 'losses_wave2.json').read_text())
# published code: the margin, the factor of the sum that it has in the place of our mean, the groups of P K rows, blocks
PAIRS = ((0, 2), (0, 3), (1, 2), (1, 3))
BLOCKS = {
    'mmn_tri_4pairs': (0.3, 1, 4, [(pair, pair) for pair in PAIRS]),
    'nas_tri_0.4': (0.4, 1, 2, [((0,), (0,)), ((1,), (1,)), ((0,), (1,)), ((1,), (0,))]),
    'x_mrg_tri': (0.3, 3, 3, [((0,), (0,)), ((1,), (1,)), ((2,), (2,))]),
}


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


@pytest.mark.parametrize('num_ids', [4, 6, 8])
@pytest.mark.parametrize('name', BLOCKS)
def test_blocks_equal_the_published_codes(golden_batch, name, num_ids):
    margin, factor, groups, blocks = BLOCKS[name]
    value, gradient = GOLDEN_BLOCKS[f'{name} P{num_ids}K4']
    feats, labels, modalities = golden_batch(num_ids, 4, groups)
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(labels[order], modalities[order])
    loss = factor * BatchHardTripletLoss(margin, blocks)(feats[order], batch)
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


def test_in_a_block_an_image_without_a_positive_or_a_negative_is_no_anchor():
    # visible: identities 0 and 1 at 0 and 5; infrared: identity 0 at 2, identity 3 at 2.5; 0 -> 2 (+), 2.5 (-)
    feats = torch.tensor([[0.0], [5.0], [2.0], [2.5]])
    batch = ReIDBatch.labelled(torch.tensor([0, 1, 0, 3]), torch.tensor([0, 0, 1, 1]))
    assert BatchHardTripletLoss(1.0, [((0,), (1,))])(feats, batch).item() == pytest.approx(0.5)
    with pytest.raises(
        ValueError, match='BatchHardTripletLoss wants an image with a positive and a negative in every block'
    ):
        BatchHardTripletLoss(1.0, [((0,), (1,)), ((0,), (2,))])(feats, batch)


@pytest.mark.parametrize('margin, collapse', [(0.3, 0.3), (None, math.log(2))])
def test_equal_features_give_the_collapse_value(margin, collapse):
    loss = BatchHardTripletLoss(margin)
    feats = torch.ones(4, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 1])))
    value.backward()
    assert value.item() == pytest.approx(collapse) == loss.collapse_value(None)
    assert feats.grad.isfinite().all()


def test_cosine_distances(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    unit = feats / feats.norm(dim=1, keepdim=True)
    terms = []
    for own, label in zip(unit, labels):
        positive = min(own @ other for other, its in zip(unit, labels) if its == label)
        negative = max(own @ other for other, its in zip(unit, labels) if its != label)
        terms.append((negative - positive + 1).clamp(min=0))
    loss = BatchHardTripletLoss(margin=1.0, metric='cosine')(feats, ReIDBatch.labelled(labels, modalities))
    assert loss.item() == pytest.approx((sum(terms) / len(terms)).item(), rel=1e-12)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="metric must be 'euclidean' or 'cosine', not 'manhattan'"):
        BatchHardTripletLoss(metric='manhattan')
