import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import DualConstrainedTopRankingLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses.json').read_text())


def slow_top_ranking(feats, labels, modalities, margin, intra_margin, intra_weight):
    feats = F.normalize(feats)
    total = 0
    for modality in (0, 1):
        terms = []
        for i in range(len(feats)):
            others = [j for j in range(len(feats)) if modalities[j] != modality]
            positives = [j for j in others if labels[j] == labels[i]]
            negatives = [j for j in others if labels[j] != labels[i]]
            if modalities[i] != modality or not positives or not negatives:
                continue
            p = max(positives, key=lambda j: (feats[i] - feats[j]).norm())
            n = min(negatives, key=lambda j: (feats[i] - feats[j]).norm())
            ranking = margin + (feats[i] - feats[p]).norm() - (feats[i] - feats[n]).norm()
            intra = intra_margin - (feats[p] - feats[n]).norm()
            terms.append(ranking.clamp(min=0) + intra_weight * intra.clamp(min=0))
        total += sum(terms) / len(terms)
    return total


@pytest.mark.parametrize('num_ids', [8, 16])
def test_equals_the_released_code_on_closed_form_features(golden_batch, num_ids):
    """One image of each identity and modality, as its batches have; ten digits of the value, nine of the gradient."""
    value, gradient = GOLDEN[f'bdtr_rank_0.5 P{num_ids}K1']
    feats, labels, modalities = golden_batch(num_ids, 1)
    loss = DualConstrainedTopRankingLoss()(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=1e-10)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, abs=1e-8)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margins', [(0.5, 0.1, 0.1), (0.5, 2.0, 1.0)])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance, margins):
    feats, labels, modalities = ragged_batch
    value = DualConstrainedTopRankingLoss(*margins)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_top_ranking(feats, labels, modalities, *margins).item(), abs=tolerance)


def test_only_directions_count_and_no_order(ragged_batch):
    feats, labels, modalities = ragged_batch
    loss = DualConstrainedTopRankingLoss()
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    assert loss(7 * feats, ReIDBatch.labelled(labels, modalities)).item() == pytest.approx(expected)
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    assert loss(feats[order], ReIDBatch.labelled(labels[order], 1 - modalities[order])).item() == pytest.approx(
        expected
    )


def test_the_intra_modality_term_pushes_the_two_answers_apart():
    feats = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.79, 0.61]], requires_grad=True)
    labels, modalities = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1])
    loss = DualConstrainedTopRankingLoss(margin=-9.0)  # no cross-modality term
    loss(feats, ReIDBatch.labelled(labels, modalities)).backward()
    moved = F.normalize(feats.detach() - 0.01 * feats.grad)
    before = F.normalize(feats.detach())
    assert (moved[1] - moved[2]).norm() > (before[1] - before[2]).norm()
    assert torch.equal(feats.grad[0], torch.zeros(2))  # the anchor itself has no part in it


def test_equal_features_give_the_collapse_value(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    loss = DualConstrainedTopRankingLoss()
    feats = torch.ones(32, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(labels, modalities))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) == pytest.approx(1.02)
    assert feats.grad.isfinite().all()
