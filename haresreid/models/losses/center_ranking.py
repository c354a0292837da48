"""The ranking terms of DFLN-ViT's triplet-aided hetero-centre loss (Zhao et al., TMM 2022)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, modality_centers, over_modality_pairs, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['CenterRankingLoss']


@MODELS.register_module()
class CenterRankingLoss(ReIDLoss):
    """A hinge on the centres of each modality: an identity's other centre is nearer than its modality's next centre.

    Features are L2-normalised. Every centre is an anchor. Its positive is the same identity's centre in the other
    modality, its negative the nearest centre of another identity in the *anchor's own* modality. The loss is the mean
    over a modality's anchors, summed over the two modalities. Beside :class:`HeteroCenterLoss` it makes the whole loss
    of the released code, which takes batches of four identities only.

    Args:
        margin (float): Defaults to 0.3.
    """

    def __init__(self, margin: float = 0.3) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order.

        An identity that the batch shows in one modality only is no anchor, but remains a negative for others.

        Raises:
            ValueError: If a modality has no anchor.
        """
        centers, ids, kinds = modality_centers(F.normalize(feats), batch)
        distance = pairwise_distance(centers)  # (M, M)
        same_id = ids.unsqueeze(0) == ids.unsqueeze(1)
        same_kind = kinds.unsqueeze(0) == kinds.unsqueeze(1)
        positive, negative = same_id & ~same_kind, ~same_id & same_kind
        anchors = positive.any(1) & negative.any(1)
        to_positive = distance.masked_fill(~positive, 0).sum(1)  # (M,): there is at most one positive
        to_negative = distance.masked_fill(~negative, torch.inf).amin(1)  # (M,)
        hinges = (self.margin + to_positive - to_negative).clamp(min=0)
        terms = [hinges[anchors & (kinds == kind)] for kind in batch.modalities.unique().tolist()]
        if not all(len(term) for term in terms):
            refuse_batch(self, 'an identity in both modalities, and another one beside it in each', batch)
        return sum(term.mean() for term in terms)

    def collapse_value(self, num_classes: int | None) -> float:
        """Twice the margin."""
        return 2 * self.margin
