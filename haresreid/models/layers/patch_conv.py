"""A convolution that takes each input value once: the embedding of patches, and the point-wise convolution."""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['PatchConv2d']


class PatchConv2d(nn.Conv2d):
    """A convolution whose stride is its kernel's side, computed as one matrix product.

    The patches of a map in channels_last are the rows of a matrix; for a point-wise kernel that is the map itself,
    without a copy. On a CPU this is up to three times as fast as the convolution of such a map, backward included.
    Arguments and parameters are those of :class:`torch.nn.Conv2d`.

    Raises:
        ValueError: If the stride is not the kernel's side, or there is padding, dilation or grouping.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, **kwargs) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, **kwargs)
        if self.stride != self.kernel_size or self.padding != (0, 0) or self.dilation != (1, 1) or self.groups != 1:
            raise ValueError(
                f'PatchConv2d does not overlap, pad, dilate or group, but kernel_size={self.kernel_size}, '
                f'stride={self.stride}, padding={self.padding}, dilation={self.dilation}, '
                f'groups={self.groups} are asked for.'
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h*P, w*P) -> (B, D, h, w), in channels_last."""
        patch = self.kernel_size[0]
        x = x.permute(0, 2, 3, 1)  # (B, h*P, w*P, C)
        weight = self.weight.permute(0, 2, 3, 1).flatten(1)  # (D, P*P*C)
        if patch > 1:
            x = x.unflatten(2, (-1, patch)).unflatten(1, (-1, patch)).transpose(2, 3)  # (B, h, w, P, P, C)
        return F.linear(x.flatten(3), weight, self.bias).permute(0, 3, 1, 2)
