"""Non-local block (Wang et al., CVPR 2018) in its dot-product form, as AGW uses it (Ye et al., TPAMI 2022)."""

from torch import Tensor, nn

__all__ = ['NonLocalBlock']


class NonLocalBlock(nn.Module):
    """``x + BN(W(theta(x)^T phi(x) g(x) / N))`` over a map's N positions: no softmax, and the identity at the start.

    MMCV's NonLocal2d has no bias in W, which published checkpoints have. The product is taken from the right, which
    needs no N x N matrix.

    Args:
        channels (int): Channels C of the map.
        inner_channels (int, optional): Channels of theta, phi and g; None is C / 2. Defaults to None.
    """

    def __init__(self, channels: int, inner_channels: int | None = None) -> None:
        super().__init__()
        inner = channels // 2 if inner_channels is None else inner_channels
        self.theta = nn.Conv2d(channels, inner, 1)
        self.phi = nn.Conv2d(channels, inner, 1)
        self.g = nn.Conv2d(channels, inner, 1)
        self.out = nn.Sequential(nn.Conv2d(inner, channels, 1), nn.BatchNorm2d(channels))
        self.init_weights()

    def init_weights(self) -> None:
        """PyTorch's own initialisation of the convolutions, and zero for the norm."""
        for conv in (self.theta, self.phi, self.g, self.out[0]):
            conv.reset_parameters()
        nn.init.zeros_(self.out[1].weight)
        nn.init.zeros_(self.out[1].bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        theta, phi, g = (conv(x).flatten(2) for conv in (self.theta, self.phi, self.g))  # (B, c, N)
        relation = g @ (phi / phi.size(2)).transpose(1, 2)  # (B, c, c)
        y = (relation @ theta).unflatten(2, x.shape[-2:])  # (B, c, h, w)
        return x + self.out(y)
