"""Orthogonality loss of DEEN (Zhang and Wang, CVPR 2023)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['BranchOrthogonalityLoss']


@MODELS.register_module()
class BranchOrthogonalityLoss(ReIDLoss):
    """Inner product of the two rows that the expansion made of an image, summed and divided by the number of all rows.

    Those rows have the modalities 2 and 3, and 4 and 5. As in the released code, features are not normalised.
    """

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        Raises:
            ValueError: If an image has only one of the two rows, or no image has them.
        """
        items = batch.items.cpu()
        first, second = (rows[items[rows].argsort()] for rows in (batch.rows_of(2, 3), batch.rows_of(4, 5)))  # (B,)
        if not len(first) or items[first].tolist() != items[second].tolist():
            refuse_batch(self, 'two expanded rows (modalities 2 and 3, 4 and 5) of each image', batch)
        return (feats[first] * feats[second]).sum() / len(feats)
