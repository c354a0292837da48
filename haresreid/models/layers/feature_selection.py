"""Gates that select channels and pixels of a map (NFS, CVPR 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['FeatureSelection']


@MODELS.register_module()
class FeatureSelection(nn.Module):
    """A search cell behind a stage: a learned subset of its channels, and of each image's pixels.

    A channel has a logit of its own; a pixel has one that a 1 x 1 convolution of the selected channels gives. A feature
    is kept if its logit is positive. In training, logistic noise is added, so that the subset is drawn, and the
    gradient is that of the sigmoid (straight through). Temperature, first logits and this relaxation are our reading:
    the abstract names a differentiable search over channels and pixels, and no more.

    Args:
        channels (int): Channels C of the map.
        temperature (float): Of the sigmoid that the gradient sees. Defaults to 1.0.
        first_logit (float): Where all logits start; 3 keeps 95 of 100 features. Defaults to 3.0.
    """

    def __init__(self, channels: int, temperature: float = 1.0, first_logit: float = 3.0) -> None:
        super().__init__()
        self.temperature = temperature
        self.channel_logits = nn.Parameter(torch.full((channels,), first_logit))
        self.pixel = nn.Conv2d(channels, 1, 1)
        self.first_logit = first_logit
        self.init_weights()

    def init_weights(self) -> None:
        """Start all pixels alike; a backbone calls this after it has initialised all convolutions, by He's rule."""
        nn.init.zeros_(self.pixel.weight)
        nn.init.constant_(self.pixel.bias, self.first_logit)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w), zero where a channel or a pixel is not selected."""
        x = x * self._gate(self.channel_logits)[:, None, None]
        return x * self._gate(self.pixel(x))  # the gate of the pixels is (B, 1, h, w)

    def _gate(self, logits: Tensor) -> Tensor:
        """1 where a feature is kept, else 0."""
        if not self.training:
            return (logits > 0).to(logits.dtype)
        share = torch.rand_like(logits).clamp(1e-6, 1 - 1e-6)
        logits = logits + share.logit()  # a sample of the logistic distribution
        soft = F.sigmoid(logits / self.temperature)
        return (logits > 0).to(logits.dtype) + soft - soft.detach()
