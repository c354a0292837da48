"""Losses of generated images, by hand."""

import math

import pytest
import torch

from haresreid.models import AbsoluteDifferenceLoss, GradientPenaltyLoss, LeastSquaresLoss, SymmetricKLLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 1]))


@pytest.mark.parametrize('target, expected', [(1.0, (0 + 1 + 4 + 9) / 4), (0.0, (1 + 0 + 9 + 16) / 4)])
def test_scores_are_compared_with_what_they_should_be(target, expected):
    scores = torch.tensor([1.0, 0.0, 3.0, 4.0]).view(2, 1, 2, 1)
    assert LeastSquaresLoss(target)(scores, BATCH).item() == pytest.approx(expected)


def test_absolute_differences_train_both_sides():
    images = torch.tensor([[1.0, 2.0], [0.0, -1.0]], requires_grad=True)
    target = torch.tensor([[0.0, 4.0], [0.0, 0.0]], requires_grad=True)
    loss = AbsoluteDifferenceLoss()(BATCH, feats=images, target=target)
    loss.backward()
    assert loss.item() == pytest.approx((1 + 2 + 0 + 1) / 4)
    assert torch.equal(images.grad, -target.grad) and images.grad.abs().sum() > 0


def test_the_divergence_is_symmetric_and_its_target_constant():
    # probabilities (3/4, 1/4) and (1/2, 1/2): both differ by 1/4 from each other, by ln 3 in the odds
    feats, target = torch.tensor([[math.log(3), 0.0]], requires_grad=True), torch.zeros(1, 2, requires_grad=True)
    loss = SymmetricKLLoss()(BATCH, feats=feats, target=target)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(3) / 4)
    assert target.grad is None
    swapped = SymmetricKLLoss()(BATCH, feats=target, target=feats)
    assert swapped.item() == pytest.approx(loss.item())


def test_the_penalty_is_the_squared_length_of_an_images_gradient():
    images = torch.randn(3, 3, 4, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64).view(3, 1, 1)
    (gradient,) = torch.autograd.grad((weight * images).sum(), images)
    value = GradientPenaltyLoss()(gradient, ReIDBatch.labelled(torch.arange(3)))
    assert value.item() == pytest.approx(8 * (1 + 4 + 0.25))  # 8 pixels
