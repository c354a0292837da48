"""Identity classifiers per modality, and their running means (MPANet, Wu et al., CVPR 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.structures import Modality, ReIDBatch

__all__ = ['ModalityClassifiers']


class ModalityClassifiers(nn.Module):
    """Scores each row by its own modality's classifier, and by the running mean of the other's.

    The means are buffers: no gradient reaches them, and a checkpoint holds them. They start as their classifiers, and a
    forward pass in training first moves them by ``rate`` of the way. From the 100th epoch on the rate falls, to
    ``rate * 100 / (epoch + 1)`` in an epoch counted from 1, as in the released code.

    Args:
        in_channels (int): Width D of the features.
        num_classes (int): Training identities C.
        rate (float): Defaults to 0.2.
    """

    def __init__(self, in_channels: int, num_classes: int, rate: float = 0.2) -> None:
        super().__init__()
        self.rate = rate
        self.epoch = 0
        self.visible = nn.Linear(in_channels, num_classes, bias=False)
        self.infrared = nn.Linear(in_channels, num_classes, bias=False)
        self.register_buffer('visible_mean', self.visible.weight.detach().clone())
        self.register_buffer('infrared_mean', self.infrared.weight.detach().clone())

    def set_epoch(self, epoch: int) -> None:
        """Take the number of the epoch that begins, counted from 0; :class:`EpochHook` calls this."""
        self.epoch = epoch

    def forward(self, feats: Tensor, batch: ReIDBatch) -> tuple[Tensor, Tensor]:
        """Features (N, D) -> the two scores of each row, (N, C) each; the second has no gradient.

        Raises:
            ValueError: If a row is neither visible nor infrared.
        """
        if len(batch.rows_of(*Modality)) < len(feats):
            raise ValueError(
                'ModalityClassifiers has a classifier for visible and one for infrared images, and some of the rows '
                'are neither: give the modality of each image (the data_samples of VIReID).'
            )
        visible = (batch.modalities == Modality.VISIBLE).to(feats.device).unsqueeze(1)  # (N, 1)
        own = torch.where(visible, self.visible(feats), self.infrared(feats))
        with torch.no_grad():
            if self.training:
                self._update_means()
            other = torch.where(visible, F.linear(feats, self.infrared_mean), F.linear(feats, self.visible_mean))
        return own, other

    def _update_means(self) -> None:
        rate = self.rate * min(100 / (self.epoch + 2), 1)
        self.visible_mean.lerp_(self.visible.weight, rate)
        self.infrared_mean.lerp_(self.infrared.weight, rate)
