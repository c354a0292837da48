"""The invariant regularisers of HAT (Ye et al., TIFS 2021), as far as they are described."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..generators.third_modality import THIRD
from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['HomogeneousInvarianceLoss']


@MODELS.register_module()
class HomogeneousInvarianceLoss(ReIDLoss):
    """Smooth L1 distance between a visible image and the image that was made of it: of features, or of logits.

    There is no released code. The distance is from memory of the paper; the mean over the entries is our reading.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order; the third modality is number 2.

        Raises:
            ValueError: If the batch has other numbers of visible images and of images made of them, or none.
        """
        # an image and what was made of it share their item
        items = batch.items.cpu()
        visible, made = (rows[items[rows].argsort()] for rows in map(batch.rows_of, (Modality.VISIBLE, THIRD)))  # (V,)
        if not len(made) or items[visible].tolist() != items[made].tolist():
            refuse_batch(self, 'an image of a third modality for each visible image', batch)
        return F.smooth_l1_loss(feats[visible], feats[made])
