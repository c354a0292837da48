"""Aggregation of features of two neighbouring levels (DEEN, Zhang and Wang, CVPR 2023)."""

from torch import Tensor, nn

from .non_local import NonLocal

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


class ChannelNonLocal(NonLocal):
    """``high + BN(W(A g(low)))`` with the affinity ``A = theta(high) phi(low)^T / L`` between channels.

    There is no softmax, and the block starts as the identity. See :class:`LevelAggregation` for the arguments.
    """

    def __init__(self, high_channels: int, low_channels: int, stride: int) -> None:
        super().__init__(
            theta=nn.Conv2d(high_channels, low_channels, 1),
            phi=nn.Conv2d(low_channels, low_channels, 1, stride),
            g=nn.Conv2d(low_channels, low_channels, 1),
            out=nn.Conv2d(low_channels, high_channels, 1, stride),
        )

    def forward(self, high: Tensor, low: Tensor) -> Tensor:
        """(B, H, h, w) and (B, L, stride * h, stride * w) -> (B, H, h, w)."""
        theta, phi, g = self.theta(high).flatten(2), self.phi(low).flatten(2), self.g(low).flatten(2)
        affinity = theta @ phi.transpose(1, 2) / g.size(1)  # (B, L, L)
        return high + self.out((affinity @ g).unflatten(2, low.shape[-2:]))


class PositionNonLocal(NonLocal):
    """``high + BN(W(y))``, where y mixes theta(high) with phi(low) and g(low).

    The released code reads the L/2 channels of N positions as L rows of N/2 entries: a row is one half of a channel's
    positions. So the affinity is not one between positions as the paper draws it; the published figures are of this
    form. The product is taken from the right, which needs no matrix of positions by positions.

    Args:
        high_channels (int): Channels H.
        low_channels (int): Channels L.
    """

    def __init__(self, high_channels: int, low_channels: int) -> None:
        inner = low_channels // 2
        super().__init__(
            theta=nn.Conv2d(high_channels, inner, 1),
            phi=nn.Conv2d(low_channels, inner, 1),
            g=nn.Conv2d(low_channels, inner, 1),
            out=nn.Conv2d(inner, high_channels, 1),
        )

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
