"""Non-local blocks (Wang et al., CVPR 2018), and the one in dot-product form that AGW uses (Ye et al., TPAMI 2022)."""

from torch import Tensor, nn

__all__ = ['NonLocal', 'NonLocalBlock']


class NonLocal(nn.Module):
    """The convolutions of a block that adds ``BN(W(y))`` to a map, y mixed of theta, phi and g; zero at the start.

    Args:
        theta (nn.Conv2d): 1 x 1, as all of them.
        phi (nn.Conv2d): With g, of the values that y is mixed of.
        g (nn.Conv2d): See ``phi``.
        out (nn.Conv2d): W, to the channels of the map.
    """

    def __init__(self, theta: nn.Conv2d, phi: nn.Conv2d, g: nn.Conv2d, out: nn.Conv2d) -> None:
        super().__init__()
        self.theta = theta
        self.phi = phi
        self.g = g
        self.out = nn.Sequential(out, nn.BatchNorm2d(out.out_channels))
        self.init_weights()

    def init_weights(self) -> None:
        """PyTorch's own initialisation of the convolutions, and zero for the norm."""
        for conv in (self.theta, self.phi, self.g, self.out[0]):
            conv.reset_parameters()
        nn.init.zeros_(self.out[1].weight)
        nn.init.zeros_(self.out[1].bias)


class NonLocalBlock(NonLocal):
    """``x + BN(W(theta(x)^T phi(x) g(x) / N))`` over a map's N positions: no softmax, and the identity at the start.

    MMCV's NonLocal2d has no bias in W, which published checkpoints have. The product is taken from the right, which
    needs no N x N matrix.

    Args:
        channels (int): Channels C of the map.
        inner_channels (int, optional): Channels of theta, phi and g; None is C / 2. Defaults to None.
    """

    def __init__(self, channels: int, inner_channels: int | None = None) -> None:
        inner = channels // 2 if inner_channels is None else inner_channels
        super().__init__(*(nn.Conv2d(channels, inner, 1) for _ in range(3)), out=nn.Conv2d(inner, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        theta, phi, g = (conv(x).flatten(2) for conv in (self.theta, self.phi, self.g))  # (B, c, N)
        relation = g @ (phi / phi.size(2)).transpose(1, 2)  # (B, c, c)
        y = (relation @ theta).unflatten(2, x.shape[-2:])  # (B, c, h, w)
        return x + self.out(y)
