"""Margin-based maximum mean discrepancy (MMD-ReID, Jambigi et al., BMVC 2021; HAResformer, eqs. 10-12)."""

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS

from .functional import fp32_island, pairwise_distance

__all__ = ['MMDLoss']


@MODELS.register_module()
class MMDLoss(nn.Module):
    """MMD^2 between the visible and the infrared features of each identity, where it exceeds a margin.

    The kernel is a *sum* of five Gaussians ``exp(-d^2 / (b 2^i))``, i = 0..4, so it lies in (0, 5]. Its base bandwidth
    b is a quarter of the mean squared distance between the identity's images; it is detached, and it makes the value
    independent of the features' scale. Expectations include the diagonal. An identity above the margin contributes
    its whole MMD^2, not the excess; one below contributes nothing, gradient included. The result is the mean over the
    batch's identities; those seen in one modality only are left out.

    The margin belongs to K = 4 images per modality: two samples of four from the *same* Gaussian already give about
    1.55, so another K needs another margin.

    Args:
        margin (float): Threshold on MMD^2; 0 is plain MMD. Defaults to 1.4.

    Attributes:
        collapse_value (None): Equal features give 0, and so do aligned ones: 0 is no sign of a collapse.
    """

    collapse_value = None

    def __init__(self, margin: float = 1.4) -> None:
        super().__init__()
        self.margin = margin

    @fp32_island
    def forward(self, feats: Tensor, labels: Tensor, modalities: Tensor) -> Tensor:
        """Features (N, D), labels (N,), modalities (N,) of 0 and 1, in any order and number."""
        _, identity = torch.unique(labels, return_inverse=True)  # (N,)
        member = torch.eye(int(identity.max()) + 1, dtype=feats.dtype, device=feats.device)[identity]  # (N, P)
        kind = torch.stack((modalities == 0, modalities == 1), dim=1).to(feats.dtype)  # (N, 2)
        counts = member.T @ kind  # (P, 2) images of each identity in each modality
        both = counts.gt(0).all(1)  # (P,)
        if not both.any():
            return feats.sum() * 0

        same_id = member @ member.T  # (N, N) of 0 and 1
        squared = pairwise_distance(feats).square() * same_id  # (N, N)
        images = counts.sum(1)
        bandwidth = member.T @ squared.detach().sum(1) / (images * (images - 1)).clamp(min=1) / 4  # (P,)
        kernel = sum(torch.exp(-squared / (bandwidth[identity] * 2**i + 1e-9).unsqueeze(1)) for i in range(5))  # (N, N)

        # With 1/n for each visible image and -1/m for each infrared one, w K w^T is E[vv] + E[rr] - 2 E[vr].
        weight = (kind[:, 0] - kind[:, 1]) / (kind * counts[identity]).sum(1)  # (N,)
        value = member.T @ (kernel * same_id * weight.outer(weight)).sum(1)  # (P,)
        value = value[both]
        return torch.where(value > self.margin, value, 0).mean()
