import math

import pytest
import torch

from haresreid.models import TriDirectionalRankingLoss
from haresreid.structures import ReIDBatch

DIRECTIONS = [(0, 1, 2), (1, 2, 0), (2, 0, 1)]  # modality of anchor, positives, negatives


def slow_ranking(feats, labels, modalities, eps=1e-6):
    """``eps``: what AGW's code adds to the denominators of its softmaxes."""
    terms = []
    for of_anchor, of_positives, of_negatives in DIRECTIONS:
        for anchor, label in zip(feats[modalities == of_anchor], labels[modalities == of_anchor]):
            distances = (feats - anchor).norm(dim=1)
            positives = distances[(labels == label) & (modalities == of_positives)]
            negatives = distances[(labels != label) & (modalities == of_negatives)]
            if len(positives) and len(negatives):
                scores = (positives - positives.max()).exp()
                farthest = (scores * positives).sum() / (scores.sum() + eps)
                nearest = ((-negatives).exp() * negatives).sum() / ((-negatives).exp().sum() + eps)
                terms.append(torch.log(1 + torch.exp(farthest - nearest)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equals_a_loop_over_anchors(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    feats = torch.cat((feats, feats[modalities == 0] + 0.5)).to(dtype)
    labels = torch.cat((labels, labels[modalities == 0]))
    modalities = torch.cat((modalities, torch.full((len(labels) - len(modalities),), 2)))
    value = TriDirectionalRankingLoss()(feats, ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(slow_ranking(feats.double(), labels, modalities).item(), abs=tolerance)


def test_each_direction_has_its_modalities_by_hand():
    # identities 0 and 1; a moved row changes only the terms in which it is anchor, positive or negative
    feats = torch.tensor([[0.0], [9.0], [1.0], [9.5], [2.0], [8.0]], dtype=torch.float64)
    labels, modalities = torch.tensor([0, 1] * 3), torch.arange(3).repeat_interleave(2)
    triplets = [(0, 2, 5), (1, 3, 4), (2, 4, 1), (3, 5, 0), (4, 0, 3), (5, 1, 2)]
    terms = [math.log1p(math.exp(abs(feats[a] - feats[p]) - abs(feats[a] - feats[n]))) for a, p, n in triplets]
    value = TriDirectionalRankingLoss()(feats, ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(sum(terms) / 6, rel=0.03)  # exp(-9.5) is not large against 1e-6


def test_equal_features_give_the_collapse_value():
    loss = TriDirectionalRankingLoss()
    feats = torch.ones(6, 8, requires_grad=True)
    value = loss(feats, ReIDBatch.labelled(torch.tensor([0, 1] * 3), torch.arange(3).repeat_interleave(2)))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) and feats.grad.isfinite().all()


@pytest.mark.parametrize('labels, modalities', [([0, 0, 1, 1], [0, 1, 0, 1]), ([0, 0, 0, 0], [0, 1, 2, 2])])
def test_a_batch_without_an_anchor_is_refused(labels, modalities):
    with pytest.raises(ValueError, match='TriDirectionalRankingLoss wants an identity in two modalities, and another'):
        TriDirectionalRankingLoss()(
            torch.randn(4, 8), ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities))
        )
