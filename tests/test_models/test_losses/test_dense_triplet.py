import pytest
import torch

from haresreid.models import DenseTripletLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 1]))


def slow_hinges(own, positive, negative):
    """Image by image, position by position: {(image, y, x): hinge}."""
    return {
        (i, y, x): max(
            (own[i, :, y, x] - positive[i, :, y, x] + 1e-6).norm()
            - (own[i, :, y, x] - negative[i, :, y, x] + 1e-6).norm()
            + 0.3,
            torch.tensor(0.0),
        )
        for i in range(2)
        for y in range(3)
        for x in range(2)
    }


@pytest.mark.parametrize('across_batch', [False, True])
def test_equals_loops_over_images_and_positions(across_batch):
    torch.manual_seed(0)
    maps = [torch.rand(2, 4, 3, 2, dtype=torch.float64) for _ in range(3)]
    comask = torch.rand(2, 3, 2, dtype=torch.float64)
    value = DenseTripletLoss(across_batch=across_batch)(BATCH, *maps, comask)
    hinges = slow_hinges(*maps)
    if across_batch:  # every image's hinge with every image's co-mask
        terms = [comask[j, y, x] * hinge for (_, y, x), hinge in hinges.items() for j in range(2)]
    else:
        terms = [comask[place] * hinge for place, hinge in hinges.items()]
    assert value.item() == pytest.approx((sum(terms) / len(terms)).item(), abs=1e-12)


def test_gradient_is_finite_where_a_reconstruction_is_exact():
    own = torch.rand(2, 4, 3, 2).requires_grad_()
    DenseTripletLoss()(BATCH, own, own.detach(), torch.rand(2, 4, 3, 2), torch.ones(2, 3, 2)).backward()
    assert own.grad.isfinite().all()
