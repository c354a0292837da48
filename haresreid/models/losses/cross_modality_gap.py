"""Cross-modality gap loss of X-modality (Li et al., AAAI 2020)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from .functional import fp32_island, modality_centers, refuse_batch
from .loss import ReIDLoss

__all__ = ['CrossModalityGapLoss']


@MODELS.register_module()
class CrossModalityGapLoss(ReIDLoss):
    """Hinge between the infrared centres of the identities and their centres in each other modality.

    The distance of an identity's two centres is to be smaller, by the margin, than that of one of them to the nearest
    centre of another identity in the other modality. The loss is the mean over the identities, summed over the other
    modalities: with X-modality's generator infrared against visible, and infrared against X. The released code compares
    visible and X images in no other way, and adds every term twice, as it is the same in both directions: the weight
    0.2 here is 0.1 there.

    Args:
        margin (float): Defaults to 0.5.
        swapped_norms (bool): In the released code, which gave the published figures, the squared distance of centre p
            and centre q of the other modality has the squared norms of centres q and p. It is right only for p = q.
            True does the same. Defaults to False: the Euclidean distance.
    """

    def __init__(self, margin: float = 0.5, swapped_norms: bool = False) -> None:
        super().__init__()
        self.margin = margin
        self.swapped_norms = swapped_norms

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        An identity without images in one of two modalities is left out of their comparison.

        Raises:
            ValueError: If two modalities share fewer than two identities, or there is only one.
        """
        centers, ids, kinds = modality_centers(feats, batch)  # (M, D), sorted by identity
        others = [kind for kind in batch.modalities.unique().tolist() if kind != Modality.INFRARED]
        gaps = []
        for kind in others:
            one, other = kinds == Modality.INFRARED, kinds == kind
            one, other = one & torch.isin(ids, ids[other]), other & torch.isin(ids, ids[one])
            if one.sum() < 2:
                refuse_batch(self, 'two identities in infrared and in each other modality', batch)
            gaps.append(self._gap(centers[one], centers[other]))
        if not gaps:
            refuse_batch(self, 'another modality beside infrared', batch)
        return torch.stack(gaps).sum()

    def collapse_value(self, num_classes: int | None) -> float:
        """Twice the margin, that of visible and of X images."""
        return 2 * self.margin

    def _gap(self, one: Tensor, other: Tensor) -> Tensor:
        """The hinge between the centres (P, D) of the same identities in two modalities."""
        distance = self._distance(one, other)  # (P, P)
        own = torch.eye(len(one), dtype=torch.bool, device=one.device)
        to_others = distance.masked_fill(own, torch.inf)
        nearest = torch.minimum(to_others.amin(0), to_others.amin(1))  # (P,)
        return (self.margin + distance.diagonal() - nearest).clamp(min=0).mean()

    def _distance(self, one: Tensor, other: Tensor) -> Tensor:
        x, y = one.double(), other.double()  # float32 would lose small distances between large features
        x_norms, y_norms = x.square().sum(1), y.square().sum(1)  # (P,)
        if self.swapped_norms:
            x_norms, y_norms = y_norms, x_norms
        squared = x_norms.unsqueeze(1) + y_norms.unsqueeze(0) - 2 * x @ y.T  # (P, P)
        return squared.clamp(min=1e-12).sqrt().to(one.dtype)  # sqrt has no gradient at zero
