import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import ContrastiveLoss
from haresreid.models.losses.contrastive import contrast
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_vit.json').read_text())


def slow_contrastive(feats, labels, modalities, margin):
    columns = [feats[modalities == kind] / feats[modalities == kind].square().sum(0).sqrt() for kind in (0, 1)]
    names = [labels[modalities == kind].tolist() for kind in (0, 1)]
    same, other = [], []
    for i, visible in enumerate(columns[0]):
        for j, infrared in enumerate(columns[1]):
            distance = (visible - infrared).norm()
            if names[0][i] == names[1][j]:
                same.append(distance**2)
            else:
                other.append((margin - distance).clamp(min=0) ** 2)
    return 0.5 * (0.5 * sum(same) / len(same) + 0.5 * sum(other) / len(other))


@pytest.mark.parametrize('number', [8, 16])
def test_pairs_equal_the_released_code(golden_batch, number):
    """Pairs of the k-th images, the first half of them of one identity."""
    value, gradient = GOLDEN[f'tone_contrastive_0.5 N{number}']
    feats, _, _ = golden_batch(number, 1)
    distance = (F.normalize(feats[:number], dim=0) - F.normalize(feats[number:], dim=0)).norm(dim=1)
    loss = contrast(distance, torch.arange(number) < number // 2, 0.5).mean() / 2
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=1e-10)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, abs=1e-8)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.5, 3.0])
def test_equals_a_loop_over_pairs(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    value = ContrastiveLoss(margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_contrastive(feats, labels, modalities, margin).item(), abs=tolerance)


def test_the_scale_of_a_modality_does_not_count_nor_does_the_order(ragged_batch):
    feats, labels, modalities = ragged_batch
    loss = ContrastiveLoss()
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    scaled = torch.where(modalities.unsqueeze(1) == 0, 9 * feats, feats)
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(labels[order], modalities[order])
    assert loss(scaled[order], batch).item() == pytest.approx(expected)
