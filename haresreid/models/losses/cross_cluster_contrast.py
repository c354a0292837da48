"""Contrast with the clusters of the other modality (PGM, Wu and Ye, CVPR 2023)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .cluster_contrast import contrast
from .cluster_memory import ClusterMemory
from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['CrossClusterContrastLoss']


@MODELS.register_module()
class CrossClusterContrastLoss(ReIDLoss):
    """Cross-entropy of each image over the clusters of the other modality; the right one is its cluster's partner.

    One modality's images are compared in an epoch: visible ones in the first, third, ... epoch, infrared ones in the
    others. A wrong partner in one direction is thus not confirmed in the other at the same time. The value is 0 as long
    as no partners are sought, and images without a partner do not count.

    Args:
        temperature (float): Defaults to 0.05.

    Attributes:
        memory (ClusterMemory, optional): Set by :class:`ClusterHook`.
    """

    def __init__(self, temperature: float = 0.05) -> None:
        super().__init__()
        self.temperature = temperature
        self.memory: ClusterMemory | None = None
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take the number of the epoch that begins, counted from 0; :class:`EpochHook` calls this."""
        self.epoch = epoch

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the batch's labels are the clusters of its rows."""
        own, other = (Modality.VISIBLE, Modality.INFRARED)[:: -1 if self.epoch % 2 else 1]
        if self.memory is None or not self.memory.partners:
            return feats.new_zeros(())
        rows = batch.rows_of(own).to(feats.device)  # (n,)
        partners = self.memory.partners[own][batch.labels[rows]]  # (n,)
        matched = partners >= 0
        if not matched.any():
            return feats.new_zeros(())
        return contrast(feats[rows][matched], self.memory.means[other], partners[matched], self.temperature)
