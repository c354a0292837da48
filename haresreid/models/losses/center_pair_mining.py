"""Centre-guided pair mining loss of DEEN (Zhang and Wang, CVPR 2023)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, modality_centers, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['CenterPairMiningLoss']


@MODELS.register_module()
class CenterPairMiningLoss(ReIDLoss):
    """Brings the centres of the expanded rows nearer to the other modality, and keeps identities apart.

    Branch k has the modalities 2 k (visible) and 2 k + 1 (infrared), as :class:`DiverseEmbeddingExpansion` makes them.
    With a the centre of an identity in one modality of branch 0, x that of the other modality in branch k, and b that
    of x's modality in branch 0, the hinges are ``d(a, x) - sg d(b, x)``, and half of ``d(a, x)`` minus the distance to
    the nearest other identity, once within x's group and once within b's. They are averaged over the identities and
    both modalities, and summed over the branches. ``sg`` stops the gradient.

    Args:
        margin (float): Defaults to 0.2.
    """

    def __init__(self, margin: float = 0.2) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        An identity that the batch shows in one modality only is left out.

        Raises:
            ValueError: If fewer than two identities are left, or there are no expanded rows.
        """
        centers, ids, kinds = modality_centers(feats, batch)  # sorted by identity, then by modality
        groups = int(kinds.max()) + 1
        complete = (ids.unsqueeze(1) == ids).sum(1) == groups  # (M,)
        people = int(complete.sum()) // groups
        if groups < 4 or people < 2:
            refuse_batch(self, 'two identities in both modalities of each of two or more branches', batch)
        centers = centers[complete].unflatten(0, (people, groups))  # (P, G, D)
        pairs = [(a, x) for x in range(2, groups) for a in (0, 1) if (x - a) % 2]
        return sum(self._pull(*(centers[:, group] for group in (a, 1 - a, x))) for a, x in pairs) / 2

    def _pull(self, anchor: Tensor, base: Tensor, expanded: Tensor) -> Tensor:
        """The hinges of one modality of a branch; the centres are (P, D) each."""
        across, within = ((first - expanded).norm(dim=1) for first in (anchor, base))  # (P,)
        loss = self._hinge(across - within.detach())
        for group in (expanded, base):
            distance = pairwise_distance(group)  # (P, P)
            nearest = (distance + torch.diag(distance.new_full((len(distance),), torch.inf))).amin(1)
            loss = loss + self._hinge(across - nearest) / 2
        return loss

    def _hinge(self, difference: Tensor) -> Tensor:
        return (difference + self.margin).clamp(min=0).mean()
