import pytest
import torch
import torch.nn.functional as F

from haresreid.models import HeteroCenterLoss
from haresreid.structures import ReIDBatch


def slow_hetero_center(feats, labels, modalities):
    feats, total = F.normalize(feats), 0
    for pid in set(labels.tolist()):
        visible, infrared = (feats[(labels == pid) & (modalities == kind)] for kind in (0, 1))
        if len(visible) and len(infrared):
            total += ((visible.mean(0) - infrared.mean(0)) ** 2).sum()
    return total


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equals_a_loop_over_identities(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    value = HeteroCenterLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_hetero_center(feats, labels, modalities).item(), abs=tolerance)


def test_value_by_hand():
    # identity 4: centres (1, 0) and (.5, .5), squared distance .5; identity 9: (0, 1) and (-1, 0), squared distance 2
    feats = torch.tensor([[3.0, 0.0], [1.0, 0.0], [0.0, 2.0], [5.0, 0.0], [0.0, 0.1], [-7.0, 0.0]])
    labels, modalities = torch.tensor([4, 4, 4, 4, 9, 9]), torch.tensor([0, 0, 1, 1, 0, 1])
    assert HeteroCenterLoss()(feats, ReIDBatch.labelled(labels, modalities)).item() == pytest.approx(2.5)


def test_is_invariant_under_relabelling_permutation_and_exchange_of_the_modalities(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss = HeteroCenterLoss()
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    assert loss(feats[order], ReIDBatch.labelled(labels[order], modalities[order])).item() == pytest.approx(
        expected, abs=1e-12
    )
    assert loss(3 * feats, ReIDBatch.labelled(394 - 17 * labels, 1 - modalities)).item() == pytest.approx(
        expected, abs=1e-12
    )


def test_a_step_brings_the_centres_nearer(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss = HeteroCenterLoss()
    before = loss(feats, ReIDBatch.labelled(labels, modalities))
    before.backward()
    with torch.no_grad():
        assert loss(feats - 0.1 * feats.grad, ReIDBatch.labelled(labels, modalities)) < before
