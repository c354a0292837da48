"""One vector for the frames of a track: their mean, or a mean in which frames unlike the others count less."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .pooling import at_least_fp32

__all__ = ['TemporalAgreement', 'TemporalMean']


@MODELS.register_module()
class TemporalMean(nn.Module):
    """Mean over the frames, in float32 also under autocast: (B, T, D) -> (B, D).

    The baseline of BUPTCampus pools so (Du et al., TIFS 2023). Behind a batch norm, whose map is affine, the logits of
    the mean are the mean of the logits.
    """

    def forward(self, x: Tensor) -> Tensor:
        return at_least_fp32(x).mean(dim=1)


@MODELS.register_module()
class TemporalAgreement(nn.Module):
    """Weighted mean over the frames, by how much each agrees with the others: (B, T, D) -> (B, D).

    The weights are the softmax of the cosine between a frame and the mean of the track. A frame that shows something
    else, as behind an occluder, counts less. Nothing is learnt.

    Args:
        temperature (float): The lower, the less a frame counts that differs. Defaults to 0.1.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, x: Tensor) -> Tensor:
        x = at_least_fp32(x)
        cosine = F.cosine_similarity(x, x.mean(dim=1, keepdim=True), dim=2)  # (B, T)
        weights = torch.softmax(cosine / self.temperature, dim=1)
        return (weights.unsqueeze(2) * x).sum(dim=1)  # (B, D)
