"""Modality alleviation module of MPANet (Wu et al., CVPR 2021)."""

from torch import Tensor, nn

from haresreid.registry import MODELS

__all__ = ['ModalityAlleviation']


@MODELS.register_module()
class ModalityAlleviation(nn.Module):
    """``g x + (1 - g) IN(x)``: a gate keeps the channels that tell people apart; the others lose their style.

    The gate is ``g = sigmoid(W_2 relu(W_1 GAP(x)))``, a number per channel. IN, instance normalisation without weights,
    takes its statistics from the image itself in evaluation too.

    Args:
        channels (int): Channels C of the map.
        reduction (int): C divided by the gate's inner width. Defaults to 16.

    Raises:
        ValueError: If ``reduction`` is below one, or leaves the gate no inner channel; in ``forward``, if a map has a
            single position, which has no style.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        if not 1 <= reduction <= channels:
            raise ValueError(f'reduction must be 1 to {channels}, the channels of the map, not {reduction}.')
        self.norm = nn.InstanceNorm2d(channels)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, channels // reduction, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w)."""
        if x.shape[2:] == (1, 1):
            raise ValueError(
                'ModalityAlleviation normalizes a map over its positions, and 1 x 1 is only one: choose larger images.'
            )
        gate = self.gate(x)  # (B, C, 1, 1)
        return gate * x + (1 - gate) * self.norm(x)
