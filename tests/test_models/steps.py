"""A training step, compared with one on a loss that a test writes out."""

from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import Tensor

from haresreid.models import VIReID


def check_step(
    model: VIReID,
    images: Tensor,
    samples: list,
    written_out: Callable[[VIReID], Tensor],
    lr: float = 0.01,
    statistics: bool = False,
    **options,
) -> None:
    """Let a model make a step of SGD, and a copy of it the same with the gradients of ``written_out(copy)``.

    Both draw the same random numbers. The losses must be equal, and afterwards the weights.

    Args:
        model: In float64 and in training mode.
        images: (N, 3, H, W) in float64.
        samples: The images' data samples.
        written_out: The loss of a model.
        lr: Learning rate.
        statistics: Whether ``written_out`` leaves the same running statistics too.
        **options: Further ones of :class:`torch.optim.SGD`.
    """
    reference = deepcopy(model)
    torch.manual_seed(1)
    loss = written_out(reference)
    loss.backward()
    torch.optim.SGD(reference.parameters(), lr, **options).step()

    torch.manual_seed(1)
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr, **options))
    log = model.train_step(dict(inputs=list(images), data_samples=samples), optimizer)
    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-9)
    ours, theirs = (net.state_dict() if statistics else dict(net.named_parameters()) for net in (model, reference))
    for name, expected in theirs.items():
        torch.testing.assert_close(ours[name], expected, rtol=1e-7, atol=1e-9, msg=name)
