import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import ClassMMDLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


def slow_class_mmd(feats, labels, modalities):
    def mean_kernel(one, other):
        return sum((x @ y) ** 2 for x in one for y in other) / (len(one) * len(other))

    feats, terms = F.normalize(feats), []
    for pid in set(labels.tolist()):
        v, i = (feats[(labels == pid) & (modalities == kind)] for kind in (0, 1))
        if len(v) and len(i):
            terms.append(mean_kernel(v, v) + mean_kernel(i, i) - 2 * mean_kernel(v, i))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4)])
def test_equals_the_published_code_in_any_order(golden_batch, num_ids, num_instances):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    loss = ClassMMDLoss()(feats[order], ReIDBatch.labelled(labels[order], modalities[order]))
    loss.backward()
    value, gradient = GOLDEN[f'nas_cmmd P{num_ids}K{num_instances}']
    assert loss.item() == pytest.approx(value, rel=1e-8)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equals_a_loop_over_pairs(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    loss = ClassMMDLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert loss.item() == pytest.approx(slow_class_mmd(feats, labels, modalities).item(), abs=tolerance)


def test_a_batch_of_one_modality_is_refused():
    with pytest.raises(ValueError, match='ClassMMDLoss wants an identity in both modalities'):
        ClassMMDLoss()(torch.randn(4, 3), ReIDBatch.labelled(torch.arange(4) // 2, torch.zeros(4, dtype=torch.long)))
