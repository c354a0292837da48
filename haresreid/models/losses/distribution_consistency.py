"""Distribution consistency loss of MMN (Zhang et al., ACM MM 2021)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_batch
from .loss import ReIDLoss

__all__ = ['DistributionConsistencyLoss']


@MODELS.register_module()
class DistributionConsistencyLoss(ReIDLoss):
    """Distance between the projections of a visible and an infrared middle image of the same person.

    Middle images have the modalities 2, made of visible images, and 3, of infrared ones. The k-th image of an identity
    in the one is compared with its k-th in the other. An image without a partner only counts in the projector's batch
    norms. Features and projections are L2-normalised, and the loss is the mean distance of the pairs.

    Args:
        in_channels (int): Width D of the features.
        channels (int): Width of the projection. Defaults to 256.
        frozen (bool): Whether the projector keeps its random initial weights, as in the released code, whose optimiser
            does not hold them. Defaults to False: it is trained.
    """

    def __init__(self, in_channels: int, channels: int = 256, frozen: bool = False) -> None:
        super().__init__()
        self.projector = nn.Sequential(
            nn.Linear(in_channels, channels, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
            nn.Linear(channels, channels),
            nn.BatchNorm1d(channels),
        ).requires_grad_(not frozen)

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        Raises:
            ValueError: If no identity has middle images of both modalities.
        """
        rows = batch.rows_of(2), batch.rows_of(3)  # (V,), (I,)
        visible, infrared = (_numbered(batch.labels[index.to(feats.device)]) for index in rows)  # (V, 2), (I, 2)
        partners = (visible.unsqueeze(1) == infrared).all(2).nonzero()  # (M, 2)
        if not len(partners):
            refuse_batch(self, 'an identity with middle images of both modalities (2 and 3)', batch)
        normed = F.normalize(feats[torch.cat(rows)])  # (V + I, D)
        projected = F.normalize(self.projector(normed)).split([len(visible), len(infrared)])
        first, second = (projections[index] for projections, index in zip(projected, partners.unbind(1)))  # (M, d)
        return (first - second).norm(dim=1).mean()


def _numbered(labels: Tensor) -> Tensor:
    """Each row's label, and how many rows before it have the same: (N,) -> (N, 2)."""
    number = (labels.unsqueeze(1) == labels).tril(-1).sum(1)  # (N,)
    return torch.stack((labels, number), dim=1)
