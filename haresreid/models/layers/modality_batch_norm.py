"""Batch norm with statistics and weights of its own for each modality (CM-NAS, Fu et al., ICCV 2021)."""

from types import SimpleNamespace

from torch import Tensor, nn

from .by_modality import by_modality

__all__ = ['ModalityBatchNorm2d']


class ModalityBatchNorm2d(nn.BatchNorm2d):
    """The norm of the visible rows, and in ``infrared`` that of the infrared ones.

    Args:
        channels (int): Channels of the map.
        passing (SimpleNamespace): Its ``batch`` describes the rows that pass; the network around the norm sets it,
            because a residual block calls its norms with the map alone.
    """

    needs_modalities = True

    def __init__(self, channels: int, passing: SimpleNamespace) -> None:
        super().__init__(channels)
        self.infrared = nn.BatchNorm2d(channels)
        self.passing = passing

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> (B, C, h, w), each row by the norm of its modality."""
        return by_modality(super().forward, self.infrared, x, self.passing.batch, self.training)
