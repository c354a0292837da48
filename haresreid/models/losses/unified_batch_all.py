"""Unified batch-all triplet loss (Li et al., IJCNN 2021), as far as it is described."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, modality_centers, refuse_batch
from .loss import ReIDLoss

__all__ = ['UnifiedBatchAllTripletLoss']


@MODELS.register_module()
class UnifiedBatchAllTripletLoss(ReIDLoss):
    """All triplets of the batch at once, by cosine similarity, whatever their modality.

    An anchor's loss is ``log(1 + sum of exp(scale * (s_an - s_ap + margin)))`` over all pairs of a positive p and a
    negative n. The hardest triplets dominate it, but no modality is left out because the hardest are of the other one.

    There is no released code. That all triplets count, the cosine, the logarithm and the form on centres are from the
    abstract and from a reader's notes. The formula in detail, scale and margin are our reading.

    Args:
        scale (float): Defaults to 16.
        margin (float): Margin between cosines. Defaults to 0.3.
        centers (bool): Compare the centres of the identities in each modality, as the hetero-centre triplet loss does,
            instead of the images. Defaults to False.

    Raises:
        ValueError: If ``scale`` is not positive.
    """

    def __init__(self, scale: float = 16.0, margin: float = 0.3, centers: bool = False) -> None:
        super().__init__()
        if scale <= 0:
            raise ValueError(f'scale must be above 0, not {scale}.')
        self.scale = scale
        self.margin = margin
        self.centers = centers

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order. A row without a positive beside itself is no anchor.

        Raises:
            ValueError: If no row is an anchor.
        """
        labels = batch.labels
        if self.centers:
            feats, labels, _ = modality_centers(feats, batch)
        feats = F.normalize(feats)
        same_id = labels.unsqueeze(0) == labels.unsqueeze(1)  # (N, N)
        positive = same_id & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
        anchors = positive.any(1) & ~same_id.all(1)
        if not anchors.any():
            what = 'an identity in both modalities' if self.centers else 'two images of an identity'
            refuse_batch(self, f'{what}, and another identity', batch)
        similarity = self.scale * feats[anchors] @ feats.T  # (A, N)
        # the sum over pairs is a product of two sums
        negatives = similarity.masked_fill(same_id[anchors], -torch.inf).logsumexp(1)  # (A,)
        positives = (-similarity).masked_fill(~positive[anchors], -torch.inf).logsumexp(1)  # (A,)
        return F.softplus(negatives + positives + self.scale * self.margin).mean()
