import pytest
import torch

from haresreid.models import HCTripletLoss
from haresreid.structures import ReIDBatch


def slow_hc_triplet(feats, labels, modalities, margin):
    centers = {
        (c, m): feats[(labels == c) & (modalities == m)].mean(0)
        for c in set(labels.tolist())
        for m in (0, 1)
        if ((labels == c) & (modalities == m)).any()
    }
    terms = []
    for (pid, kind), center in centers.items():
        if (pid, 1 - kind) not in centers:
            continue
        positive = (center - centers[pid, 1 - kind]).norm()
        negative = min((center - other).norm() for (c, _), other in centers.items() if c != pid)
        terms.append(max(torch.zeros(()).to(feats), margin + positive - negative))
    return sum(terms) / len(terms)


@pytest.mark.parametrize(
    'num_ids, num_instances, value, gradient',
    [
        (4, 4, 0.4236264822, 6.42029407),
        (8, 4, 1.6205598381, 7.96432495),
        (6, 8, 0.4495133095, 6.39946756),
    ],
)
def test_equals_the_published_code_on_closed_form_features(golden_batch, num_ids, num_instances, value, gradient):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss = HCTripletLoss()(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, abs=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, abs=1e-7)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.3, 5.0])
def test_equals_a_loop_over_centres(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    expected = slow_hc_triplet(feats, labels, modalities, margin)
    value = HCTripletLoss(margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(expected.item(), abs=tolerance)


def test_is_invariant_under_relabelling_and_permutation(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss = HCTripletLoss()
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    assert loss(feats[order], ReIDBatch.labelled(labels[order], modalities[order])).item() == pytest.approx(
        expected, abs=1e-12
    )
    assert loss(feats, ReIDBatch.labelled(394 - 17 * labels, 1 - modalities)).item() == pytest.approx(
        expected, abs=1e-12
    )


def test_identity_in_one_modality_is_a_negative_but_no_anchor():
    feats = torch.tensor([[0.0], [1.0], [0.5], [9.0], [9.0]])
    labels, modalities = torch.tensor([0, 0, 1, 2, 2]), torch.tensor([0, 1, 0, 0, 1])
    # anchors: both of identity 0 (margin + 1 - 0.5) and both of identity 2 (far from everything: 0)
    assert HCTripletLoss(0.3)(feats, ReIDBatch.labelled(labels, modalities)).item() == pytest.approx(0.8 / 2)


def test_equal_features_give_the_collapse_value(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    loss = HCTripletLoss()
    feats = torch.ones(32, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(labels, modalities))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) == pytest.approx(0.3)
    assert feats.grad.isfinite().all()
