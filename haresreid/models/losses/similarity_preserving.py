"""Similarity preserving loss between modalities, of CM-NAS (Fu et al., ICCV 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['SimilarityPreservingLoss']


@MODELS.register_module()
class SimilarityPreservingLoss(ReIDLoss):
    """Mean squared difference of the visible and the infrared Gram matrix, whose rows are L2-normalised.

    A row of the one matrix is compared with the row of the same identity in the other: the k-th visible image of an
    identity with its k-th infrared one. Which image is the k-th is chance, as it is in the released code.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), with as many visible as infrared rows of each identity.

        Raises:
            ValueError: If an identity has more rows in one modality than in the other.
        """
        rows = [batch.rows_of(modality).to(feats.device) for modality in Modality]
        rows = [index[batch.labels[index].argsort(stable=True)] for index in rows]  # (M,) each, sorted by identity
        labels = [batch.labels[index] for index in rows]
        if not len(labels[0]) or not torch.equal(*labels):
            refuse_batch(self, 'as many visible as infrared images of each identity', batch)
        visible, infrared = (F.normalize(feats[index] @ feats[index].T) for index in rows)  # (M, M) each
        return F.mse_loss(visible, infrared)
