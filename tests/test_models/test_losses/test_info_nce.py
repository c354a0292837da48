import math

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import InfoNCELoss
from haresreid.structures import ReIDBatch


def slow_info_nce(feats, labels, modalities, temperature):
    terms = []
    for i in range(len(feats)):
        others = [j for j in range(len(feats)) if modalities[j] != modalities[i]]
        scores = {j: math.exp(F.cosine_similarity(feats[i], feats[j], dim=0).item() / temperature) for j in others}
        positives = [j for j in others if labels[j] == labels[i]]
        if positives and len(positives) < len(others):
            terms.append(sum(-math.log(scores[j] / sum(scores.values())) for j in positives) / len(positives))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-10), (torch.float32, 1e-4)])
@pytest.mark.parametrize('temperature', [0.1, 1.0])
def test_equals_a_loop_over_anchors(ragged_batch, dtype, tolerance, temperature):
    feats, labels, modalities = ragged_batch
    value = InfoNCELoss(temperature)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_info_nce(feats, labels, modalities, temperature), abs=tolerance)


def test_a_step_raises_the_share_of_the_positives(ragged_batch):
    feats, labels, modalities = ragged_batch
    batch, loss = ReIDBatch.labelled(labels, modalities), InfoNCELoss()
    feats = feats.requires_grad_()
    before = loss(feats, batch)
    before.backward()
    with torch.no_grad():
        assert loss(feats - 0.1 * feats.grad, batch) < before
