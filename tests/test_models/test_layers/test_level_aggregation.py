import pytest
import torch

from haresreid.models.layers import ChannelNonLocal, LevelAggregation, PositionNonLocal


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return tuple(
        torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((2, 8, 3, 2), (2, 4, 6, 4))
    )


def awake(block):
    """The block in evaluation, its last norm no longer zero."""
    torch.manual_seed(0)
    torch.nn.init.normal_(block.out[1].weight)
    torch.nn.init.normal_(block.out[1].bias)
    return block.double().eval()


def test_both_blocks_start_as_the_identity(maps):
    high, low = maps
    assert torch.equal(LevelAggregation(8, 4, stride=2).double()(high, low), high)


def test_channels_equal_a_loop_over_their_pairs(maps):
    high, low = maps
    block = awake(ChannelNonLocal(8, 4, stride=2))
    theta, phi, g = block.theta(high), block.phi(low), block.g(low)
    y = torch.zeros_like(low)
    for row in range(4):
        for column in range(4):
            affinity = (theta[:, row] * phi[:, column]).sum((1, 2)) / 4
            y[:, row] += affinity[:, None, None] * g[:, column]
    torch.testing.assert_close(block(high, low), high + block.out(y))


def test_positions_equal_the_released_form_with_its_matrix(maps):
    high, low = maps
    block = awake(PositionNonLocal(8, 4))
    expected = []
    for image in range(2):
        halves = []  # of each channel's positions
        for conv, x in ((block.theta, high), (block.phi, low), (block.g, low)):
            channels = conv(x)[image].flatten(1)
            halves.append(torch.stack([half for channel in channels for half in channel.chunk(2)]))
        theta, phi, g = halves  # (4, 3), (4, 12), (4, 12)
        affinity = theta.T @ phi / 12
        mixed = (affinity @ g.T).T  # (4, 3)
        expected.append(torch.stack([torch.cat((mixed[2 * k], mixed[2 * k + 1])).view(3, 2) for k in range(2)]))
    torch.testing.assert_close(block(high, low), high + block.out(torch.stack(expected)))


def test_an_odd_map_is_refused():
    with pytest.raises(ValueError, match='halves the positions of a map, and 3 x 3 is odd: choose an image size'):
        PositionNonLocal(8, 4)(torch.ones(1, 8, 3, 3), torch.ones(1, 4, 6, 6))
