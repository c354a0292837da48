"""Contrastive loss over a softmax of similarities across the modalities (after van den Oord et al., 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, refuse_batch
from .loss import ReIDLoss

__all__ = ['InfoNCELoss']


@MODELS.register_module()
class InfoNCELoss(ReIDLoss):
    """An image finds the images of its identity among those of the other modality.

    Each image is an anchor. Its cosine similarities with all images of the other modality, divided by ``temperature``,
    become a distribution; the loss is the mean negative logarithm of what its positives get.

    Args:
        temperature (float): Defaults to 0.1.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        self.temperature = temperature

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order. An image without a positive, or without a negative, is no anchor.

        Raises:
            ValueError: If no image is left.
        """
        modalities = batch.modalities.to(feats.device)
        feats = F.normalize(feats)
        across = modalities.unsqueeze(0) != modalities.unsqueeze(1)  # (N, N)
        same = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        positive = across & same
        anchors = positive.any(1) & (across & ~same).any(1)
        if not anchors.any():
            refuse_batch(self, 'an identity in both modalities, and another one beside it', batch)
        similarity = (feats @ feats.T / self.temperature)[anchors]  # (A, N)
        logs = similarity - similarity.masked_fill(~across[anchors], -torch.inf).logsumexp(1, keepdim=True)
        positive = positive[anchors]
        return -(logs.where(positive, 0).sum(1) / positive.sum(1)).mean()
