import math

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import CircleLoss
from haresreid.structures import ReIDBatch


def slow_circle(feats, labels, modalities, margin, scale):
    feats, terms = F.normalize(feats), []
    for row in range(len(feats)):
        pull, push = [], []
        for other in range(len(feats)):
            if modalities[other] == modalities[row]:
                continue
            cosine = feats[row] @ feats[other]
            if labels[other] == labels[row]:
                weight = max(1 + margin - cosine.item(), 0)
                pull.append(torch.exp(-scale * weight * (cosine - (1 - margin))))
            else:
                weight = max(cosine.item() + margin, 0)
                push.append(torch.exp(scale * weight * (cosine - margin)))
        if pull and push:
            terms.append(torch.log(1 + sum(pull) * sum(push)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('margin, scale', [(0.25, 64.0), (0.1, 8.0)])
@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_equals_a_loop_over_pairs(ragged_batch, margin, scale, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    gradients = []
    for compute in (
        lambda leaf: CircleLoss(margin, scale)(leaf, ReIDBatch.labelled(labels, modalities)),
        lambda leaf: slow_circle(leaf, labels, modalities, margin, scale),
    ):
        leaf = feats.detach().to(dtype if not gradients else torch.float64).requires_grad_()
        value = compute(leaf)
        value.backward()
        gradients.append((value.item(), leaf.grad.double()))
    (value, gradient), (expected, slow_gradient) = gradients
    assert value == pytest.approx(expected, rel=tolerance)
    torch.testing.assert_close(gradient, slow_gradient, rtol=100 * tolerance, atol=100 * tolerance)


def test_value_by_hand():
    # two people on two axes, aligned: cosines 1 and 0; weights .25 and .25
    feats = torch.eye(2).repeat(2, 1)
    value = CircleLoss(margin=0.25, scale=8)(
        feats, ReIDBatch.labelled(torch.tensor([0, 1, 0, 1]), torch.tensor([0, 0, 1, 1]))
    )
    assert value.item() == pytest.approx(math.log1p(math.exp(-8 * 0.25 * 0.25) * math.exp(-8 * 0.25 * 0.25)))


def test_is_invariant_under_relabelling_permutation_scale_and_exchange_of_the_modalities(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    expected = CircleLoss()(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(394 - 17 * labels[order], 1 - modalities[order])
    assert CircleLoss()(3 * feats[order], batch).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize('labels, modalities', [([0, 0, 0, 0], [0, 0, 1, 1]), ([0, 1, 2, 3], [0, 0, 1, 1])])
def test_batches_that_leave_nothing_to_compare_are_refused(labels, modalities):
    with pytest.raises(ValueError, match='CircleLoss wants two identities in both modalities'):
        CircleLoss()(torch.randn(4, 8), ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities)))


def test_a_step_lowers_it(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    batch = ReIDBatch.labelled(labels, modalities)
    before = CircleLoss()(feats, batch)
    before.backward()
    assert CircleLoss()(feats.detach() - 0.001 * feats.grad, batch) < before
