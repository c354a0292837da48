import pytest
import torch
from torch import nn

from haresreid.models.layers import by_modality
from haresreid.structures import ReIDBatch


def parts() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    return tuple(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).double() for _ in range(2))


@pytest.mark.parametrize('modalities', [[0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 0, 1, 1], [1, 1], [0, 1, 2, 3, 3, 0]])
def test_it_equals_rows_taken_by_hand(modalities):
    """Values, gradients and running statistics, for rows in any order and for one modality alone."""
    modalities = torch.tensor(modalities)
    x = torch.randn(len(modalities), 3, 5, 2, dtype=torch.double, requires_grad=True)
    ours, by_hand = parts(), parts()
    found = by_modality(*ours, x, ReIDBatch.unlabelled(modalities), True, ((0, 2), (1, 3)))
    expected = torch.empty_like(found)
    for number, part in enumerate(by_hand):
        rows = modalities % 2 == number
        if rows.any():
            expected[rows] = part(x[rows])
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    weight = torch.randn_like(found)
    gradients = [torch.autograd.grad((values * weight).sum(), x) for values in (found, expected)]
    torch.testing.assert_close(*gradients)
    for one, other in zip(ours, by_hand):
        torch.testing.assert_close(one.state_dict(), other.state_dict(), rtol=0, atol=0)


def test_compiled_it_is_the_same():
    """The streams are named by an enum, which the compiler would take for unequal to every tensor."""
    rows = ReIDBatch.unlabelled(torch.tensor([0, 1, 1, 0]))
    x = torch.randn(4, 3, 5, 2, dtype=torch.double)
    compiled = torch.compile(by_modality, backend='eager')
    torch.testing.assert_close(compiled(*parts(), x, rows, True), by_modality(*parts(), x, rows, True), rtol=0, atol=0)


def test_a_row_of_neither_is_refused():
    with pytest.raises(ValueError, match='some of the rows are neither visible nor infrared: give the modality'):
        by_modality(*parts(), torch.zeros(2, 3, 1, 1), ReIDBatch.unlabelled(torch.tensor([0, 2])), True)
