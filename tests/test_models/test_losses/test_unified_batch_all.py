import math

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import UnifiedBatchAllTripletLoss
from haresreid.structures import ReIDBatch


def slow_batch_all(feats, labels, scale, margin):
    terms = []
    for i in range(len(feats)):
        similarities = F.cosine_similarity(feats, feats[i : i + 1])
        positives = [s for j, s in enumerate(similarities) if labels[j] == labels[i] and j != i]
        negatives = similarities[labels != labels[i]]
        if positives and len(negatives):
            triplets = sum(torch.exp(scale * (n - p + margin)) for p in positives for n in negatives)
            terms.append(torch.log(1 + triplets))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-9), (torch.float32, 1e-4)])
@pytest.mark.parametrize('scale, margin', [(16.0, 0.3), (2.0, 0.0)])
def test_equals_a_loop_over_triplets(ragged_batch, dtype, tolerance, scale, margin):
    feats, labels, modalities = ragged_batch
    labels = labels.clone()
    labels[0] = 12  # an identity with one image: a negative for others
    feats = feats - feats.mean(0)
    value = UnifiedBatchAllTripletLoss(scale, margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_batch_all(feats, labels, scale, margin).item(), abs=tolerance)


def test_on_centres_each_identity_counts_once_in_each_modality(ragged_batch):
    feats, labels, modalities = ragged_batch
    feats = feats - feats.mean(0)
    groups = sorted(set(zip(labels.tolist(), modalities.tolist())))
    centers = torch.stack([feats[(labels == pid) & (modalities == kind)].mean(0) for pid, kind in groups])
    expected = slow_batch_all(centers, torch.tensor([pid for pid, _ in groups]), 16.0, 0.3)
    value = UnifiedBatchAllTripletLoss(centers=True)(feats, ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(expected.item(), abs=1e-10)


def test_value_by_hand_and_finite_gradients():
    feats = torch.ones(4, 8, requires_grad=True)
    value = UnifiedBatchAllTripletLoss(16.0, 0.3)(feats, ReIDBatch.labelled(torch.tensor([0, 0, 1, 2])))
    value.backward()
    # anchors are the two images of identity 0, with one positive and two negatives
    assert value.item() == pytest.approx(math.log1p(2 * math.exp(16 * 0.3)), abs=1e-5)
    assert feats.grad.isfinite().all()


@pytest.mark.parametrize(
    'centers, wanted', [(False, 'two images of an identity'), (True, 'an identity in both modalities')]
)
def test_a_batch_without_an_anchor_is_refused(centers, wanted):
    batch = ReIDBatch.labelled(torch.tensor([0, 1, 2, 3]), torch.tensor([0, 0, 1, 1]))
    with pytest.raises(ValueError, match=f'UnifiedBatchAllTripletLoss wants {wanted}, and another identity, and a bat'):
        UnifiedBatchAllTripletLoss(centers=centers)(torch.randn(4, 8), batch)
