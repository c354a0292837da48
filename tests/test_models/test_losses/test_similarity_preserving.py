import json
from pathlib import Path

import pytest
import torch

from haresreid.models import SimilarityPreservingLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4)])
def test_equals_the_published_code(golden_batch, num_ids, num_instances):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    # identities and modalities in another order, the images of each in the same
    order = (labels * 7 % num_ids * 3 + 2 * modalities).argsort(stable=True)
    loss = SimilarityPreservingLoss()(feats[order], ReIDBatch.labelled(labels[order], modalities[order]))
    loss.backward()
    value, gradient = GOLDEN[f'nas_sp P{num_ids}K{num_instances}']
    assert loss.item() == pytest.approx(value, rel=1e-8)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)


def test_value_by_hand():
    # visible: identity rows (1, 0) and (0, 1); infrared: twice the same vector, rows (1, 1) / sqrt(2)
    feats = torch.tensor([[2.0, 0.0], [3.0, 0.0], [0.0, 1.0], [3.0, 0.0]])
    batch = ReIDBatch.labelled(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]))
    half = 0.5**0.5
    expected = ((1 - half) ** 2 + half**2) / 2
    assert SimilarityPreservingLoss()(feats, batch).item() == pytest.approx(expected)


def test_unequal_numbers_of_images_are_refused():
    batch = ReIDBatch.labelled(torch.tensor([0, 1, 0, 0]), torch.tensor([0, 0, 1, 1]))
    with pytest.raises(ValueError, match='wants as many visible as infrared images of each identity'):
        SimilarityPreservingLoss()(torch.randn(4, 3), batch)
