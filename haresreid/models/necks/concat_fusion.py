"""The fusion of HAResformer's baseline "B" (Table IV, method 1), which has no CFFM."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['ConcatFusion']


@MODELS.register_module()
class ConcatFusion(nn.Module):
    """Join a stage's local and global maps without parameters: CFFM without its convolution.

    The paper does not say what replaces CFFM. Concatenation keeps the 2D channels that the next stage expects. Where
    the output must stay D wide (stage 4, so that F keeps its width) the two maps are added.

    Args:
        channels (int): Channels D of each of the two maps.
        global_channels (int): Must equal ``channels``: maps of two widths cannot be added.
        out_channels (int): 2D concatenates the maps, D adds them.

    Raises:
        ValueError: If the maps have two widths, or ``out_channels`` is neither.
    """

    def __init__(self, channels: int, global_channels: int, out_channels: int) -> None:
        super().__init__()
        if global_channels != channels:
            raise ValueError(
                f'ConcatFusion joins maps of one width, not of {channels} and {global_channels} channels: '
                'set te_ratio=1, or fuse by CFFM.'
            )
        if out_channels not in (channels, 2 * channels):
            raise ValueError(
                f'ConcatFusion of two {channels}-channel maps gives {channels} (sum) or {2 * channels} '
                f'(concatenation) channels, not {out_channels}.'
            )
        self.concatenate = out_channels == 2 * channels

    def forward(self, local_map: Tensor, global_map: Tensor) -> Tensor:
        """(B, D, h, w) twice -> (B, out_channels, h, w)."""
        if self.concatenate:
            return torch.cat((local_map, global_map), dim=1)
        return local_map + global_map
