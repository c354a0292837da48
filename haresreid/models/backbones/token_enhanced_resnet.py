"""Two-stream ResNet whose maps are enhanced by spatial and channel tokens (DFLN-ViT, TMM 2022)."""

from math import prod

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import ChannelGate, SpatialTokens, by_modality
from .two_stream_resnet import TwoStreamResNet

__all__ = ['TokenEnhancedResNet']

STREAMS = ('visible', 'infrared')


@MODELS.register_module()
class TokenEnhancedResNet(TwoStreamResNet):
    """A :class:`TwoStreamResNet` with :class:`SpatialTokens` and a :class:`ChannelGate` behind every stage.

    The gated map goes on to the next stage. The spatial tokens read the map before its gate; those of all stages have
    the same grid and the width of the last map, and are added to the last gated map, enlarged (bilinear, corners
    aligned). Tokens and gates exist once per modality.

    The defaults are those of the released code, behind whose figures gates are constants and tokens do not return to
    their places; see the two classes.

    Args:
        img_size (tuple[int, int]): (H, W) of the images; no others are accepted. Defaults to (288, 144).
        cell (int): Side of a spatial token's patch, in positions of the last map. Defaults to 3.
        gate_width (int): See ``width`` of :class:`ChannelGate`. Defaults to 1, a constant gate; more gives a gate that
            works.
        in_place (bool): See :class:`SpatialTokens`. Defaults to False.
        **kwargs: Those of :class:`TwoStreamResNet`.

    Raises:
        ValueError: If ``img_size`` is not divisible into the patches, or the images of ``forward`` have another size.
    """

    added_parts = (*TwoStreamResNet.added_parts, 'tokens.', 'gates.')

    def __init__(
        self,
        *,
        img_size: tuple[int, int] = (288, 144),
        cell: int = 3,
        gate_width: int = 1,
        in_place: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.img_size = tuple(img_size)
        strides = [4 * prod(self.strides[: stage + 1]) for stage in range(4)]  # of the maps, in pixels
        side = cell * strides[-1]  # of a patch, in pixels
        if any(length % side for length in self.img_size):
            raise ValueError(
                f'img_size={self.img_size} is not divisible into patches of {side} pixels: choose another size or cell.'
            )
        grid = (self.img_size[0] // side, self.img_size[1] // side)
        self.tokens = nn.ModuleDict(
            {
                stream: nn.ModuleList(
                    SpatialTokens(channels, self.channels[-1], side // stride, grid, in_place)
                    for channels, stride in zip(self.channels, strides)
                )
                for stream in STREAMS
            }
        )
        self.gates = nn.ModuleDict(
            {
                stream: nn.ModuleList(ChannelGate(channels, gate_width) for channels in self.channels)
                for stream in STREAMS
            }
        )

    @property
    def needs_modalities(self) -> bool:
        """Always: tokens and gates are the modality's own, even if all parts of the ResNet are shared."""
        return True

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The enhanced map of the last stage, (B, D_4, h, w), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.
        """
        if tuple(inputs.shape[2:]) != self.img_size:
            raise ValueError(
                f'TokenEnhancedResNet has positions for images of {self.img_size}, not of {tuple(inputs.shape[2:])}: '
                'resize them, or set img_size.'
            )
        x, coarse = inputs, 0
        for index, stage in enumerate(self.encoder_stages):
            x = stage(x, batch)
            coarse = coarse + self._specific(self.tokens, index, x, batch)  # (B, D_4, h / cell, w / cell)
            x = self._specific(self.gates, index, x, batch)
        return (x + F.interpolate(coarse, size=x.shape[2:], mode='bilinear', align_corners=True),), batch

    def _specific(self, parts: nn.ModuleDict, index: int, x: Tensor, batch: ReIDBatch) -> Tensor:
        visible, infrared = (parts[stream][index] for stream in STREAMS)
        return by_modality(visible, infrared, x, batch, self.training, self.stream_modalities)
