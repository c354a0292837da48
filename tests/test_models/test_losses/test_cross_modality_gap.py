import json
from pathlib import Path

import pytest
import torch

from haresreid.models import CrossModalityGapLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


def slow_gap(feats, labels, modalities, margin, swapped=False):
    total = 0
    for other in set(modalities.tolist()) - {1}:
        centers = {
            (kind, pid): feats[(labels == pid) & (modalities == kind)].mean(0)
            for kind in (1, other)
            for pid in labels[modalities == kind].tolist()
        }
        both = [pid for pid in set(labels.tolist()) if (1, pid) in centers and (other, pid) in centers]

        def distance(p, q, other=other, centers=centers):
            x, y = centers[1, p], centers[other, q]
            norms = (centers[1, q], centers[other, p]) if swapped else (x, y)
            return (norms[0] @ norms[0] + norms[1] @ norms[1] - 2 * x @ y).clamp(min=1e-12).sqrt()

        hinges = []
        for p in both:
            nearest = min(min(distance(p, q), distance(q, p)) for q in both if q != p)
            hinges.append((margin + distance(p, p) - nearest).clamp(min=0))
        total = total + sum(hinges) / len(hinges)
    return total


@pytest.mark.parametrize('num_ids', [4, 6, 8, 12])
@pytest.mark.parametrize('name, swapped', [('x_cmg_official', True), ('x_cmg_right_distances', False)])
def test_equals_the_released_code_and_its_form_with_right_distances(golden_batch, name, swapped, num_ids):
    value, gradient = GOLDEN[f'{name} P{num_ids}K4']
    feats, labels, modalities = golden_batch(num_ids, 4, 3)
    modalities = torch.tensor([0, 1, 2])[modalities]
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(labels[order], modalities[order])
    loss = 0.2 * CrossModalityGapLoss(swapped_norms=swapped)(feats[order], batch)
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-8)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('swapped', [False, True])
def test_equals_a_loop_over_identities(ragged_batch, dtype, tolerance, swapped):
    feats, labels, modalities = ragged_batch
    # a third modality: half of the visible rows, and an identity that is in no other
    more = torch.cat((feats, feats[modalities == 0][::2] + 1, feats[:1])).to(dtype)
    labels = torch.cat((labels, labels[modalities == 0][::2], torch.tensor([11])))
    modalities = torch.cat((modalities, torch.full((len(labels) - len(modalities),), 2)))
    value = CrossModalityGapLoss(5.0, swapped)(more, ReIDBatch.labelled(labels, modalities))
    expected = slow_gap(more.double(), labels, modalities, 5.0, swapped).item()
    assert value.item() == pytest.approx(expected, abs=tolerance) and expected > 1


def test_equal_features_give_the_collapse_value():
    loss = CrossModalityGapLoss()
    feats = torch.ones(6, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 1] * 3), torch.arange(3).repeat_interleave(2)))
    value.backward()
    assert value.item() == pytest.approx(1.0) == loss.collapse_value(None)
    assert feats.grad.isfinite().all()


@pytest.mark.parametrize(
    'labels, modalities, wanted',
    [
        ([0, 0, 1, 1], [1, 1, 1, 1], 'another modality beside infrared'),
        ([0, 0, 1, 2], [0, 1, 1, 0], 'two identities in infrared and in each other modality'),
    ],
)
def test_a_batch_with_nothing_to_compare_is_refused(labels, modalities, wanted):
    with pytest.raises(ValueError, match=f'CrossModalityGapLoss wants {wanted}, and a batch of 4 '):
        CrossModalityGapLoss()(torch.randn(4, 8), ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities)))
