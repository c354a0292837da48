"""Feature distillation: a linear map of a student's feature imitates a teacher's (after FitNets, ICLR 2015)."""

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_unequal_rows
from .loss import ReIDLoss

__all__ = ['FeatureDistillationLoss']


@MODELS.register_module()
class FeatureDistillationLoss(ReIDLoss):
    """Squared distance between the student's mapped feature and the teacher's, both L2-normalised; the mean over rows.

    The map is FitNets' regressor (Romero et al., ICLR 2015), which lets the two have different widths. Unlike there,
    features are normalised as for retrieval, so the loss is ``2 - 2 cos``: only directions are compared.

    Args:
        in_channels (int): Width D of the student's feature.
        target_channels (int): Width E of the teacher's.
    """

    def __init__(self, in_channels: int, target_channels: int) -> None:
        super().__init__()
        self.map = nn.Linear(in_channels, target_channels, bias=False)

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
        """The student's features (N, D) and the teacher's (N, E), row by row.

        Raises:
            ValueError: If their rows are not as many.
        """
        refuse_unequal_rows(self, feats, target)
        return (F.normalize(self.map(feats)) - F.normalize(target)).square().sum(1).mean()
