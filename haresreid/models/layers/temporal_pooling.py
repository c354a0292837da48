"""One vector for the frames of a track: their mean."""

from torch import Tensor, nn

from haresreid.registry import MODELS

from .pooling import at_least_fp32

__all__ = ['TemporalMean']


@MODELS.register_module()
class TemporalMean(nn.Module):
    """Mean over the frames, in float32 also under autocast: (B, T, D) -> (B, D).

    The baseline of BUPTCampus pools so (Du et al., TIFS 2023). Behind a batch norm, whose map is affine, the logits of
    the mean are the mean of the logits.
    """

    def forward(self, x: Tensor) -> Tensor:
        return at_least_fp32(x).mean(dim=1)
