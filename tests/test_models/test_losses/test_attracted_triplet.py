import pytest
import torch
import torch.nn.functional as F

from haresreid.models import AttractedTripletLoss
from haresreid.structures import ReIDBatch


def slow_attracted_triplet(feats, labels, margin):
    values = []
    for row, (feat, label) in enumerate(zip(feats, labels)):
        cosine = F.cosine_similarity(feat[None], feats)
        others = torch.arange(len(feats)) != row
        if (positive := others & (labels == label)).any() and (labels != label).any():
            s_p, s_n = cosine[positive].min(), cosine[labels != label].max()
            values.append((margin + s_n - s_p).clamp(min=0) + (1 - s_p) ** 2 + (1 + s_n) ** 2)
    return sum(values) / len(values)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.5, 0.1])
def test_equals_a_loop_over_images(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    slow = feats.detach().clone().requires_grad_()
    fast = feats.detach().to(dtype).requires_grad_()
    expected = slow_attracted_triplet(slow, labels, margin)
    value = AttractedTripletLoss(margin)(fast, ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(expected.item(), abs=tolerance)
    value.backward()
    expected.backward()
    torch.testing.assert_close(fast.grad.double(), slow.grad, rtol=100 * tolerance, atol=tolerance)


def test_value_by_hand_and_where_it_vanishes():
    # cosines: within person 0 they are 0, to the only image of person 1 they are 0 and -1
    feats, labels = torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.0, -3.0]]), torch.tensor([0, 0, 1])
    value = AttractedTripletLoss()(feats, ReIDBatch.labelled(labels))
    assert value.item() == pytest.approx(((0.5 + 0 - 0 + 1 + 1) + (0 + 1 + 0)) / 2)  # s_n - s_p is -1 for the second
    apart = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [-5.0, 0.0]])
    assert AttractedTripletLoss()(apart, ReIDBatch.labelled(torch.tensor([3, 3, 4, 4]))).item() == pytest.approx(0)


def test_equal_features_give_the_collapse_value_and_a_batch_without_pairs_is_refused():
    loss, batch = AttractedTripletLoss(0.3), ReIDBatch.labelled(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]))
    assert loss(torch.ones(4, 2), batch).item() == pytest.approx(loss.collapse_value(2)) == pytest.approx(4.3)
    with pytest.raises(ValueError, match='wants two images of a person, and one of another person'):
        loss(torch.ones(2, 2), batch.take(torch.tensor([0, 2])))
