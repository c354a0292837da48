import json
from itertools import combinations
from pathlib import Path

import pytest
import torch

from haresreid.models import MaskSeparationLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())
UNUSED = ReIDBatch.labelled(torch.zeros(4, dtype=torch.long))


def test_equals_the_published_code():
    b, p, s = torch.meshgrid(*(torch.arange(n, dtype=torch.float64) for n in (4, 6, 48)), indexing='ij')
    masks = torch.sigmoid(torch.sin(0.3 * (b + 1) + 0.17 * (p + 1) + 0.05 * (s + 1) * (p + 1))).requires_grad_()
    loss = MaskSeparationLoss()(masks, UNUSED)
    loss.backward()
    value, gradient = GOLDEN['mpa_sep B4']
    assert loss.item() == pytest.approx(value, rel=1e-9)
    assert masks.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


def test_is_the_mean_inner_product_of_the_pairs():
    masks = torch.rand(4, 3, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = sum(one @ other for image in masks for one, other in combinations(image, 2)) / (4 * 3)
    assert MaskSeparationLoss()(masks, UNUSED).item() == pytest.approx(expected.item(), abs=1e-12)


def test_masks_that_do_not_overlap_are_satisfied():
    assert MaskSeparationLoss()(torch.eye(5).expand(4, 5, 5), UNUSED) == 0
