import pytest
import torch

from haresreid.models import NonLocalBlock


def slow_non_local(block, x):
    """Position by position, as the equation says."""
    theta, phi, g = (conv(x).flatten(2) for conv in (block.theta, block.phi, block.g))
    y = torch.zeros_like(theta)
    positions = theta.size(2)
    for b in range(len(x)):
        for i in range(positions):
            for j in range(positions):
                y[b, :, i] += (theta[b, :, i] @ phi[b, :, j]) / positions * g[b, :, j]
    return x + block.out(y.view(*y.shape[:2], *x.shape[2:]))


@pytest.mark.parametrize('inner_channels, inner', [(None, 4), (1, 1)])
def test_equals_a_loop_over_positions(inner_channels, inner):
    torch.manual_seed(0)
    block = NonLocalBlock(8, inner_channels).eval()
    assert block.theta.out_channels == block.phi.out_channels == block.g.out_channels == inner
    torch.nn.init.normal_(block.out[1].weight)
    x = torch.randn(2, 8, 3, 4)
    assert torch.allclose(block(x), slow_non_local(block, x), atol=1e-6)


def test_starts_as_the_identity_and_learns():
    block = NonLocalBlock(8).train()
    x = torch.randn(2, 8, 3, 4)
    assert torch.equal(block(x), x)
    block(x).square().sum().backward()
    assert block.out[1].weight.grad.abs().sum() > 0


def test_no_overflow_in_half_precision_on_a_large_map():
    block = NonLocalBlock(8).eval()
    torch.nn.init.ones_(block.out[1].weight)
    x = torch.full((1, 8, 72, 36), 10.0)
    with torch.autocast('cpu', dtype=torch.float16):
        assert block(x).isfinite().all()
