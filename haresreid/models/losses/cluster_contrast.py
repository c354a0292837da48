"""Contrast with the clusters of the own modality (Cluster Contrast, Dai et al., ACCV 2022)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .cluster_memory import ClusterMemory
from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['ClusterContrastLoss', 'contrast']


@MODELS.register_module()
class ClusterContrastLoss(ReIDLoss):
    """Cross-entropy of each image over the clusters of its own modality, summed over the modalities.

    The scores of an image are its cosines with the clusters' features, divided by a temperature. The mean is over the
    images of a modality, all views included, as ADCA has it (Yang et al., ACM MM 2022). With several processes the loss
    wants the rows of all of them, ``gather=True``: the clusters' features follow them.

    Args:
        temperature (float): Defaults to 0.05.

    Attributes:
        memory (ClusterMemory, optional): Set by :class:`ClusterHook`.
    """

    def __init__(self, temperature: float = 0.05) -> None:
        super().__init__()
        self.temperature = temperature
        self.memory: ClusterMemory | None = None

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D); the batch's labels are the clusters of its rows.

        Raises:
            ValueError: If there are no clusters.
        """
        if self.memory is None:
            raise ValueError(f'{type(self).__name__} needs clusters: add a ClusterHook to custom_hooks.')
        self.memory.see(feats, batch)
        parts = [
            contrast(feats[rows], self.memory.means[modality], batch.labels[rows], self.temperature)
            for modality in batch.modalities.unique().tolist()
            if len(rows := batch.rows_of(modality).to(feats.device))
        ]
        return torch.stack(parts).sum()


def contrast(feats: Tensor, means: Tensor, clusters: Tensor, temperature: float) -> Tensor:
    """Mean cross-entropy of features (N, D) over the features (C, D) of clusters, whose right ones are (N,)."""
    return F.cross_entropy(F.normalize(feats) @ means.to(feats.dtype).T / temperature, clusters)
