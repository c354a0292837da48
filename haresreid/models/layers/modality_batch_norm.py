"""Batch norm with statistics and weights of its own for each modality (CM-NAS, Fu et al., ICCV 2021)."""

from types import SimpleNamespace

import torch
from torch import Tensor, nn

from haresreid.structures import Modality

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
        batch, visible = self.passing.batch, super().forward
        if not self.training:  # no shape may depend on the rows of an exported graph
            chosen = (batch.modalities == Modality.VISIBLE).to(x.device)[:, None, None, None]
            return torch.where(chosen, visible(x), self.infrared(x))
        rows = [batch.rows_of(modality) for modality in Modality]
        maps = [norm(x[index]) for norm, index in zip((visible, self.infrared), rows) if len(index)]
        return torch.cat(maps)[torch.cat(rows).argsort()]  # (B, C, h, w), in the order of x
