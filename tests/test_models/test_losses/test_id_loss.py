import math

import pytest
import torch

from haresreid.models import IDLoss
from haresreid.structures import ReIDBatch


@pytest.mark.parametrize('smoothing', [0.0, 0.1])
def test_equals_a_loop_over_images(smoothing):
    logits, labels = torch.randn(6, 5, dtype=torch.float64), torch.tensor([0, 4, 2, 0, 4, 2])
    expected = 0
    for row, label in zip(logits, labels):
        target = [smoothing / 5 + (1 - smoothing) * (c == label) for c in range(5)]
        expected -= sum(t * torch.log(row[c].exp() / row.exp().sum()) for c, t in enumerate(target)) / 6
    loss = IDLoss(label_smoothing=smoothing)
    assert torch.allclose(loss(logits, ReIDBatch.labelled(labels)), torch.as_tensor(expected), atol=1e-12)


def test_collapse_value_is_the_loss_of_equal_logits():
    loss = IDLoss()
    value = loss(torch.zeros(4, 395), ReIDBatch.labelled(torch.arange(4))).item()
    assert value == pytest.approx(loss.collapse_value(395)) == pytest.approx(math.log(395))
