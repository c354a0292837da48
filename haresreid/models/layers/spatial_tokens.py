"""The spatial half of DFLN-ViT's feature enhancement (TMM 2022), called SAM in its code."""

import torch
from torch import Tensor, nn

from .bare_transformer_layer import BareTransformerLayer
from .patch_conv import PatchConv2d

__all__ = ['SpatialTokens']


class SpatialTokens(nn.Module):
    """Tokens of a map's patches, with learned positions, through one transformer layer, as a coarse map.

    **The released code does not put the tokens back to their places.** It reads the N x D numbers as D x h x w without
    exchanging the axes, so a token fills a run of channels, each at all positions. What stands in one row of the map
    does not come from that row of the image. Numbers of the released network confirm this.

    Args:
        in_channels (int): Channels C of the map.
        dims (int): Token width D.
        patch_size (int): Side of a patch.
        grid_size (tuple[int, int]): Token grid (h, w).
        in_place (bool): Whether each token returns to its place. Defaults to False, as released.
    """

    def __init__(
        self, in_channels: int, dims: int, patch_size: int, grid_size: tuple[int, int], in_place: bool = False
    ) -> None:
        super().__init__()
        self.in_place = in_place
        self.grid_size = grid_size
        self.patches = PatchConv2d(in_channels, dims, patch_size, stride=patch_size)
        self.positions = nn.Parameter(torch.randn(1, grid_size[0] * grid_size[1], dims))
        self.layer = BareTransformerLayer(dims)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h*P, w*P) -> (B, D, h, w)."""
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.positions  # (B, h*w, D)
        tokens = self.layer(tokens)
        if self.in_place:
            return tokens.transpose(1, 2).unflatten(2, self.grid_size)
        return tokens.flatten(1).unflatten(1, (-1, *self.grid_size))

    def init_weights(self) -> None:
        """PyTorch's initialisation of the patch embedding, in the place of a ResNet's."""
        self.patches.reset_parameters()
