import math

import pytest
import torch

from haresreid.models import ModalityAwareEnhancementLoss
from haresreid.structures import ReIDBatch


def slow_enhancement(feats, labels):
    ids = sorted(set(labels.tolist()))
    centers = {pid: feats[labels == pid].mean(0) for pid in ids}
    terms = []
    for feature, label in zip(feats, labels.tolist()):
        own = (feature - centers[label]).norm()
        other = min((feature - centers[pid]).norm() for pid in ids if pid != label)
        terms.append(torch.log(1 + torch.exp(own - other)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    value = ModalityAwareEnhancementLoss()(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_enhancement(feats, labels).item(), rel=tolerance)


def test_value_by_hand():
    # centres 1 and 11; own distances 1; to the other centre 11, 9, 9, 11
    line = torch.tensor([[0.0], [2.0], [10.0], [12.0]])
    value = ModalityAwareEnhancementLoss()(line, ReIDBatch.labelled(torch.tensor([3, 3, 5, 5])))
    assert value.item() == pytest.approx((math.log1p(math.exp(-10)) + math.log1p(math.exp(-8))) / 2, rel=1e-5)


def test_is_invariant_under_relabelling_permutation_and_exchange_of_the_modalities(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss = ModalityAwareEnhancementLoss()
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(394 - 17 * labels[order], 1 - modalities[order])
    assert loss(feats[order], batch).item() == pytest.approx(expected, abs=1e-12)


def test_equal_features_give_the_collapse_value(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    feats, loss = torch.ones(len(labels), 8, requires_grad=True), ModalityAwareEnhancementLoss()
    value = loss(feats, ReIDBatch.labelled(labels, modalities))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) and feats.grad.isfinite().all()


def test_a_batch_of_one_identity_is_refused():
    with pytest.raises(ValueError, match='ModalityAwareEnhancementLoss wants two identities'):
        ModalityAwareEnhancementLoss()(torch.randn(4, 8), ReIDBatch.labelled(torch.tensor([4, 4, 4, 4])))


def test_a_step_lowers_it(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss, batch = ModalityAwareEnhancementLoss(), ReIDBatch.labelled(labels, modalities)
    before = loss(feats, batch)
    before.backward()
    assert loss(feats.detach() - 0.05 * feats.grad, batch) < before
