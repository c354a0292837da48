"""Aggregation of features of two neighbouring levels (DEEN, Zhang and Wang, CVPR 2023)."""

from torch import Tensor, nn

__all__ = ['ChannelNonLocal', 'LevelAggregation', 'PositionNonLocal']


class LevelAggregation(nn.Sequential):
    """A stage's output, refined by its input: first by channels, then by positions.

    Args:
        high_channels (int): Channels H of the output.
        low_channels (int): Channels L of the input.
        stride (int): Stride of the stage.
    """

    def __init__(self, high_channels: int, low_channels: int, stride: int) -> None:
        super().__init__()
        self.channels = ChannelNonLocal(high_channels, low_channels, stride)
        self.positions = PositionNonLocal(high_channels, low_channels)

    def forward(self, high: Tensor, low: Tensor) -> Tensor:
        """(B, H, h, w) and (B, L, stride * h, stride * w) -> (B, H, h, w)."""
        return self.positions(self.channels(high, low), low)


class ChannelNonLocal(nn.Module):
    """``high + BN(W(A g(low)))`` with the affinity ``A = theta(high) phi(low)^T / L`` between channels.

    There is no softmax, and the block starts as the identity. See :class:`LevelAggregation` for the arguments.
    """

    def __init__(self, high_channels: int, low_channels: int, stride: int) -> None:
        super().__init__()
        self.g = nn.Conv2d(low_channels, low_channels, 1)
        self.theta = nn.Conv2d(high_channels, low_channels, 1)
        self.phi = nn.Conv2d(low_channels, low_channels, 1, stride)
        self.out = nn.Sequential(nn.Conv2d(low_channels, high_channels, 1, stride), nn.BatchNorm2d(high_channels))
        self.init_weights()

    def init_weights(self) -> None:
        """PyTorch's own initialisation of the convolutions, and zero for the norm."""
        _start_as_identity(self)

    def forward(self, high: Tensor, low: Tensor) -> Tensor:
        """(B, H, h, w) and (B, L, stride * h, stride * w) -> (B, H, h, w)."""
        theta, phi, g = self.theta(high).flatten(2), self.phi(low).flatten(2), self.g(low).flatten(2)
        affinity = theta @ phi.transpose(1, 2) / g.size(1)  # (B, L, L)
        return high + self.out((affinity @ g).unflatten(2, low.shape[-2:]))


class PositionNonLocal(nn.Module):
    """``high + BN(W(y))``, where y mixes theta(high) with phi(low) and g(low).

    The released code reads the L/2 channels of N positions as L rows of N/2 entries: a row is one half of a channel's
    positions. So the affinity is not one between positions as the paper draws it; the published figures are of this
    form. The product is taken from the right, which needs no matrix of positions by positions.

    Args:
        high_channels (int): Channels H.
        low_channels (int): Channels L.
    """

    def __init__(self, high_channels: int, low_channels: int) -> None:
        super().__init__()
        inner = low_channels // 2
        self.g = nn.Conv2d(low_channels, inner, 1)
        self.theta = nn.Conv2d(high_channels, inner, 1)
        self.phi = nn.Conv2d(low_channels, inner, 1)
        self.out = nn.Sequential(nn.Conv2d(inner, high_channels, 1), nn.BatchNorm2d(high_channels))
        self.init_weights()

    def init_weights(self) -> None:
        """PyTorch's own initialisation of the convolutions, and zero for the norm."""
        _start_as_identity(self)

    def forward(self, high: Tensor, low: Tensor) -> Tensor:
        """(B, H, h, w) and (B, L, h', w') -> (B, H, h, w).

        Raises:
            ValueError: If a map has an odd number of positions.
        """
        for height, width in (high.shape[-2:], low.shape[-2:]):
            if height * width % 2:
                raise ValueError(
                    f'PositionNonLocal halves the positions of a map, and {height} x {width} is odd: '
                    'choose an image size that makes height or width of every map even.'
                )
        theta, phi, g = (
            values.flatten(1).unflatten(1, (2 * values.size(1), -1))  # (B, L, N/2)
            for values in (self.theta(high), self.phi(low), self.g(low))
        )
        y = (g @ phi.transpose(1, 2) / g.size(2)) @ theta  # (B, L, N/2)
        return high + self.out(y.flatten(1).unflatten(1, (-1, *high.shape[-2:])))


def _start_as_identity(block: nn.Module) -> None:
    for conv in (block.theta, block.phi, block.g, block.out[0]):
        conv.reset_parameters()
    nn.init.zeros_(block.out[1].weight)
    nn.init.zeros_(block.out[1].bias)
