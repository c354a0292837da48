import torch

from haresreid.models.losses import HCTripletLoss, IDLoss, MMDLoss, WeightedRegularizedTripletLoss
from haresreid.models.losses.functional import modality_centers, pairwise_distance


def test_pairwise_distance_keeps_small_distances_between_long_vectors():
    x = torch.full((2, 2048), 2.0)
    x[1, 0] += 1e-3
    assert torch.allclose(pairwise_distance(x)[0, 1], torch.tensor(1e-3), rtol=1e-3)
    x = torch.randn(2, 3, 2048)
    expected = torch.tensor([[[(a - b).norm() for b in batch] for a in batch] for batch in x])
    assert torch.allclose(pairwise_distance(x), expected, rtol=1e-5)


def test_pairwise_distance_has_a_finite_gradient_at_zero():
    x = torch.ones(3, 4, requires_grad=True)
    pairwise_distance(x).sum().backward()
    assert torch.equal(x.grad, torch.zeros(3, 4))


def test_modality_centers_are_means_by_label_and_modality(ragged_batch):
    feats, labels, modalities = ragged_batch
    centers, ids, kinds = modality_centers(feats, labels, modalities)
    assert list(zip(ids.tolist(), kinds.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (7, 0)]
    for center, pid, kind in zip(centers, ids, kinds):
        assert torch.allclose(center, feats[(labels == pid) & (modalities == kind)].mean(0), atol=1e-12)


def test_losses_are_float32_islands_under_autocast(ragged_batch):
    feats, labels, modalities = ragged_batch
    feats = feats.bfloat16()
    for loss in (HCTripletLoss(), MMDLoss(0), IDLoss(), WeightedRegularizedTripletLoss()):
        outside = loss(feats.float(), labels, modalities)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            inside = loss(feats, labels, modalities)
        assert inside.dtype == torch.float32
        assert torch.equal(inside, outside)
