"""Circle loss (Sun et al., CVPR 2020) between two modalities."""

import math

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, over_modality_pairs, refuse_batch
from .loss import ReIDLoss

__all__ = ['CircleLoss']


@MODELS.register_module()
class CircleLoss(ReIDLoss):
    """Weighs each pair of images by how far its cosine is from where it should be.

    With the cosines s of an image to those in the other modality, p to its own identity and n to others, the loss is
    ``log(1 + sum exp(scale * a_n * (s_n - margin)) * sum exp(-scale * a_p * (s_p - 1 + margin)))``, averaged over the
    images. The weights ``a_p = [1 + margin - s_p]+`` and ``a_n = [s_n + margin]+`` have no gradient.

    Args:
        margin (float): m in the paper. Defaults to 0.25.
        scale (float): gamma in the paper. Defaults to 64.0.
    """

    def __init__(self, margin: float = 0.25, scale: float = 64.0) -> None:
        super().__init__()
        self.margin = margin
        self.scale = scale

    @fp32_island
    @over_modality_pairs
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Features (N, D), their rows in any order and number.

        An image without its own identity, or without another one, in the other modality is left out.

        Raises:
            ValueError: If all images are left out.
        """
        feats = F.normalize(feats)
        similarity = feats @ feats.T  # (N, N)
        modalities = batch.modalities.to(feats.device)
        same_id = batch.labels.unsqueeze(0) == batch.labels.unsqueeze(1)
        across = modalities.unsqueeze(0) != modalities.unsqueeze(1)
        anchors = (across & same_id).any(1) & (across & ~same_id).any(1)
        if not anchors.any():
            refuse_batch(self, 'two identities in both modalities', batch)
        too_far = (1 + self.margin - similarity.detach()).clamp(min=0)
        too_near = (similarity.detach() + self.margin).clamp(min=0)
        pull = -self.scale * too_far * (similarity - 1 + self.margin)
        push = self.scale * too_near * (similarity - self.margin)
        exponent = sum(
            terms.masked_fill(~chosen, -math.inf)[anchors].logsumexp(1)
            for terms, chosen in ((pull, across & same_id), (push, across & ~same_id))
        )
        return F.softplus(exponent).mean()
