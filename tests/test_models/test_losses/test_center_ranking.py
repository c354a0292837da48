"""DFLN-ViT's ranking of modality centres against loops, and the whole loss against numbers of the released code."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import CenterRankingLoss, HeteroCenterLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_vit.json').read_text())


def slow_center_ranking(feats, labels, modalities, margin=0.3):
    feats, total = F.normalize(feats), 0
    center = {
        (pid, kind): feats[(labels == pid) & (modalities == kind)].mean(0)
        for pid, kind in set(zip(labels.tolist(), modalities.tolist()))
    }
    for kind in (0, 1):
        terms = []
        for pid in {pid for pid, _ in center if (pid, 0) in center and (pid, 1) in center}:
            anchor = center[pid, kind]
            others = [
                (anchor - value).norm() for (pid2, kind2), value in center.items() if pid2 != pid and kind2 == kind
            ]
            terms.append((margin + (anchor - center[pid, 1 - kind]).norm() - min(others)).clamp(min=0))
        total += sum(terms) / len(terms)
    return total


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equals_a_loop_over_identities(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    value = CenterRankingLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_center_ranking(feats, labels, modalities).item(), abs=tolerance)


@pytest.mark.parametrize('num_instances', [4, 8])
def test_with_the_hetero_centre_loss_it_is_the_released_loss(golden_batch, num_instances):
    feats, labels, modalities = golden_batch(4, num_instances)
    batch = ReIDBatch.labelled(labels, modalities)
    value = HeteroCenterLoss()(feats, batch) + CenterRankingLoss()(feats, batch)
    value.backward()
    expected, gradient = GOLDEN[f'dfln_het_l2norm P4K{num_instances}']
    assert value.item() == pytest.approx(expected, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)


def test_the_negative_is_of_the_anchors_own_modality():
    # unit vectors by angle; identity 0 visible at 0, infrared at 60 degrees; identity 1 visible at 50, infrared at 180
    angles = torch.deg2rad(torch.tensor([0.0, 60.0, 50.0, 180.0], dtype=torch.float64))
    feats = torch.stack((angles.cos(), angles.sin()), dim=1)
    batch = ReIDBatch.labelled(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]))

    def chord(first, second):
        return (feats[first] - feats[second]).norm().item()

    visible = (0.3 + chord(0, 1) - chord(0, 2), 0.3 + chord(2, 3) - chord(0, 2))
    infrared = (0.3 + chord(0, 1) - chord(1, 3), 0.3 + chord(2, 3) - chord(1, 3))
    expected = sum(max(value, 0) / 2 for value in (*visible, *infrared))
    assert CenterRankingLoss()(feats, batch).item() == pytest.approx(expected)


def test_a_batch_without_two_people_in_a_modality_is_refused():
    batch = ReIDBatch.labelled(torch.tensor([0, 0, 0]), torch.tensor([0, 1, 1]))
    with pytest.raises(ValueError, match='CenterRankingLoss wants an identity in both modalities, and another one'):
        CenterRankingLoss()(torch.randn(3, 4), batch)


def test_equal_features_give_twice_the_margin(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    value = CenterRankingLoss()(torch.ones_like(feats), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(CenterRankingLoss().collapse_value(None))
