"""Two-stream ResNet that aligns the maps of its last two stages across modalities (LbA, Park et al., ICCV 2021)."""

from typing import NamedTuple

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers.dense_correspondence import Aligned, align, draw_partners
from .two_stream_resnet import TwoStreamResNet

__all__ = ['AlignedMaps', 'AlignedResNet']


class AlignedMaps(NamedTuple):
    """What the backbone hands to the head in training.

    Attributes:
        layer3: Maps of the third stage, aligned.
        layer4: Maps of the last stage, aligned.
        deeper: The positive reconstructions of the third stage after the last stage, (N, D_4, h, w).
        last: The maps of the last stage, (N, D_4, h, w).
    """

    layer3: Aligned
    layer4: Aligned
    deeper: Tensor
    last: Tensor


@MODELS.register_module()
class AlignedResNet(TwoStreamResNet):
    """A :class:`TwoStreamResNet` that, in training, reconstructs its maps from those of images in the other modality.

    The reconstructed maps of the third stage also pass the last stage, whose batch norms thus see two batches in each
    step. Partners are drawn anew for each of the two stages.
    """

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor] | AlignedMaps, ReIDBatch]:
        """See :class:`TwoStreamResNet`; in training :class:`AlignedMaps`, whose last entry is the same map."""
        if not self.training:
            return super().forward(inputs, batch)
        *stages, last_stage = self.encoder_stages
        x = inputs
        for stage in stages:
            x = stage(x, batch)
        last = last_stage(x, batch)
        layer3, layer4 = (align(maps, *draw_partners(batch)) for maps in (x, last))
        return AlignedMaps(layer3, layer4, last_stage(layer3.positive, batch), last), batch
