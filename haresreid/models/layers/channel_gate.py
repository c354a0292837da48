"""The channel half of DFLN-ViT's feature enhancement (TMM 2022), called CEM in its code."""

import torch
from torch import Tensor, nn

from .bare_transformer_layer import BareTransformerLayer

__all__ = ['ChannelGate']


class ChannelGate(nn.Module):
    """A map times a gate per channel, made by one transformer layer whose tokens are the channels.

    A channel's token is its mean over each of ``width`` horizontal stripes. The released code has one stripe, hence
    tokens of width one. LayerNorm then returns its bias, whatever comes in: **the gate is one and the same learned
    number for every channel and image**, but for the dropout, and no gradient reaches positions, queries and keys. The
    published figures come with it. From a width of two on, the gate depends on channel and image; this is our reading
    of what was meant, and no released code has it.

    Args:
        channels (int): Channels C of the map.
        width (int): Stripes of a channel's token. Defaults to 1, as released.
        dropout (float): Of the tokens. Defaults to 0.1.
    """

    def __init__(self, channels: int, width: int = 1, dropout: float = 0.1) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(1, channels, width))
        self.dropout = nn.Dropout(dropout)
        self.layer = BareTransformerLayer(width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        stripes = x.tensor_split(self.positions.shape[2], dim=2)  # (B, C, h / width, w) each
        tokens = torch.stack([stripe.mean((2, 3)) for stripe in stripes], dim=2)  # (B, C, width)
        gate = self.layer(self.dropout(tokens + self.positions)).mean(2).sigmoid()  # (B, C)
        return x * gate[..., None, None]
