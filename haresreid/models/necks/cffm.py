"""CFFM, the cross-feature fusion of HAResformer (paper sec. III-B, eq. 4)."""

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from haresreid.registry import MODELS

from ..layers import PatchConv2d

__all__ = ['CFFM']


@MODELS.register_module()
class CFFM(nn.Module):
    """Fuse a stage's local and global maps by one point-wise convolution of their concatenation.

    Eq. 4 names nothing after the convolution, so by default neither a norm nor an activation follows, and the fused map
    is signed. The convolution's initialisation preserves variance (normal, fan-in, gain 1); its bias starts at zero.

    Args:
        channels (int): Channels D of the local map.
        global_channels (int): Channels of the global map; in the paper also D.
        out_channels (int): Channels of the fused map.
        norm_cfg (dict, optional): Norm after the convolution, e.g. ``dict(type='BN')``. Defaults to None.
        act_cfg (dict, optional): Activation, e.g. ``dict(type='ReLU')``. Defaults to None.
    """

    def __init__(
        self,
        channels: int,
        global_channels: int,
        out_channels: int,
        norm_cfg: dict | None = None,
        act_cfg: dict | None = None,
    ) -> None:
        super().__init__()
        self.pointwise = ConvModule(
            channels + global_channels,
            out_channels,
            kernel_size=1,
            conv_cfg=dict(type=PatchConv2d),
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )
        nn.init.kaiming_normal_(self.pointwise.conv.weight, nonlinearity='linear')

    def forward(self, local_map: Tensor, global_map: Tensor) -> Tensor:
        """(B, D, h, w) and (B, global_channels, h, w) -> (B, out_channels, h, w)."""
        return self.pointwise(torch.cat((local_map, global_map), dim=1))
