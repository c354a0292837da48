"""Modality-shared enhancement loss of PMT (Lu et al., AAAI 2023)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, pairwise_distance, refuse_batch, row_means
from .loss import ReIDLoss

__all__ = ['ModalitySharedEnhancementLoss']


@MODELS.register_module()
class ModalitySharedEnhancementLoss(ReIDLoss):
    """Makes an image as far from its person's images in the other modality as from those in its own.

    With m_in the mean distance to the other images of the identity in the image's modality, and m_x that to the images
    in the other one, the loss is ``(m_x - m_in)^2``, averaged over the images of a modality and then over both. As in
    the released code, features are not normalised.
    """

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order and number.

        An image that is alone in its modality, or whose identity the batch shows in one modality only, is left out.

        Raises:
            ValueError: If the images of a modality are all left out.
        """
        distance = pairwise_distance(feats)  # (N, N)
        modalities = batch.modalities.to(feats.device)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        same_modality = modalities.unsqueeze(0) == modalities.unsqueeze(1)
        itself = torch.eye(len(feats), dtype=torch.bool, device=feats.device)
        within, across = same_id & same_modality & ~itself, same_id & ~same_modality
        gap = (row_means(distance, across) - row_means(distance, within)).square()  # (N,)
        compared = within.any(1) & across.any(1)
        kinds = modalities[compared].unique()
        if len(kinds) < 2:
            refuse_batch(self, 'an identity with two images in each of two modalities', batch)
        return torch.stack([gap[compared & (modalities == kind)].mean() for kind in kinds]).mean()
