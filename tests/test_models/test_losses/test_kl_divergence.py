import json
import math
from pathlib import Path

import pytest
import torch

from haresreid.models import KLDivergenceLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4), (6, 8)])
def test_equals_the_published_code(golden_batch, num_ids, num_instances):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    rows, columns = torch.arange(len(feats), dtype=torch.float64).unsqueeze(1), torch.arange(16, dtype=torch.float64)
    target = torch.cos(0.5 * (rows + 1) + 0.11 * (columns + 1) * (rows % 3 + 1)).requires_grad_()
    loss = KLDivergenceLoss()(ReIDBatch.labelled(labels, modalities), feats=feats, target=target)
    loss.backward()
    value, gradient = GOLDEN[f'mpa_kl P{num_ids}K{num_instances}']
    assert loss.item() == pytest.approx(value, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)
    assert target.grad is None


def test_value_by_hand():
    # probabilities (3/4, 1/4) from (1/2, 1/2), and two equal rows
    feats = torch.tensor([[math.log(3), 0.0], [2.0, 5.0]])
    loss = KLDivergenceLoss()(ReIDBatch.labelled(torch.tensor([0, 1])), feats, torch.tensor([[1.0, 1.0], [0.0, 3.0]]))
    assert loss.item() == pytest.approx((0.75 * math.log(1.5) + 0.25 * math.log(0.5)) / 2)
