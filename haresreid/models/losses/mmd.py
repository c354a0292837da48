"""Margin-based maximum mean discrepancy (MMD-ReID, Jambigi et al., BMVC 2021; HAResformer, eqs. 10-12)."""

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, pairwise_distance, refuse_batch
from .loss import ReIDLoss

__all__ = ['MMDLoss']


@MODELS.register_module()
class MMDLoss(ReIDLoss):
    """MMD^2 between the visible and the infrared features of each identity, where it exceeds a margin.

    The kernel is a *sum* of five Gaussians ``exp(-d^2 / (b 2^i))``, i = 0..4, and thus lies in (0, 5]. Its base
    bandwidth b is a quarter of the mean squared distance between the identity's images. It is detached, and it makes
    the value independent of the features' scale. Expectations include the diagonal. An identity above the margin
    contributes its whole MMD^2, not the excess; one below contributes neither value nor gradient. The result is the
    mean over the batch's identities; those seen in one modality only are left out.

    The default margin holds for K = 4 images per modality: two samples of four from the *same* Gaussian already give
    about 1.55, so another K needs another margin.

    Args:
        margin (float): Threshold on MMD^2; 0 is plain MMD. Defaults to 1.4.
    """

    def __init__(self, margin: float = 1.4) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order and number.

        Raises:
            ValueError: If the batch shows no identity in both modalities.
        """
        modalities = batch.modalities.to(feats.device)
        images_of = _by_identity(batch.labels)  # (P, n), -1 where an identity has fewer than n images
        there = images_of >= 0
        kinds = torch.stack(
            [there & (modalities[images_of] == kind) for kind in batch.modalities.unique().tolist()]
        )  # (2, P, n)
        counts = kinds.sum(2)  # (2, P) images of each identity in each modality
        both = counts.gt(0).all(0)  # (P,)
        if len(kinds) < 2 or not both.any():
            refuse_batch(self, 'an identity in both modalities', batch)

        pairs = there.unsqueeze(1) & there.unsqueeze(2)  # (P, n, n)
        images = feats.index_select(0, images_of.clamp(min=0).flatten()).unflatten(0, images_of.shape)  # (P, n, D)
        squared = pairwise_distance(images).square() * pairs  # (P, n, n): only within an identity
        number = counts.sum(0)  # (P,)
        bandwidth = squared.detach().sum((1, 2)) / (number * (number - 1)).clamp(min=1) / 4  # (P,)
        kernel = sum(torch.exp(-squared / (bandwidth * 2**i + 1e-9)[:, None, None]) for i in range(5))  # (P, n, n)

        # With 1/n for each visible image and -1/m for each infrared one, w^T K w is E[vv] + E[rr] - 2 E[vr].
        visible, infrared = kinds / counts.clamp(min=1).unsqueeze(2)  # (P, n) each
        weight = (visible - infrared).to(feats.dtype).unsqueeze(2)  # (P, n, 1), zero where there is no image
        value = (weight.transpose(1, 2) @ kernel @ weight).flatten()[both]
        return torch.where(value <= self.margin, 0, value).mean()  # NaN stays NaN


def _by_identity(labels: Tensor) -> Tensor:
    """Rows of the batch that show the same identity: (P, n), padded with -1."""
    counts = torch.unique(labels, return_counts=True)[1]
    rows = labels.argsort(stable=True).split(counts.tolist())
    return pad_sequence(rows, batch_first=True, padding_value=-1)
