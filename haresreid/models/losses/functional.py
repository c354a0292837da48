"""What the losses share: the distance, the modality centres, and the precision in which they are computed."""

from collections.abc import Callable
from functools import wraps
from typing import NoReturn

import torch
from torch import Tensor, nn

from haresreid.structures import Modality

__all__ = ['fp32_island', 'modality_centers', 'pairwise_distance', 'refuse_batch']


def pairwise_distance(x: Tensor) -> Tensor:
    """Euclidean distances between the rows of ``x``: (..., N, D) -> (..., N, N).

    Leading dimensions are batches. Computed as ``x^2 + y^2 - 2xy``, which is one matrix product whose diagonal holds
    the squares, in float64: un-normalised features have norms near 100, where that expansion loses the small distances
    in float32; in float64 it keeps what float32 features can tell. A distance below 3e-7 of the norms, which rounding
    cannot tell from zero, is zero, and so is its gradient.
    """
    x64 = x.double()
    products = x64 @ x64.transpose(-2, -1)  # (..., N, N)
    norms = products.diagonal(dim1=-2, dim2=-1)  # (..., N), squared
    norms = norms.unsqueeze(-1) + norms.unsqueeze(-2)  # (..., N, N)
    squared = norms - 2 * products
    apart = squared.detach() > 1e-13 * norms.detach()
    return torch.where(apart, torch.where(apart, squared, 1).sqrt(), 0).to(x.dtype)  # sqrt has no gradient at zero


def modality_centers(feats: Tensor, labels: Tensor, modalities: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean feature of every (identity, modality) that the batch holds (HAResformer, eq. 8).

    Args:
        feats (Tensor): (N, D).
        labels (Tensor): (N,) identities.
        modalities (Tensor): (N,), 0 or 1.

    Returns:
        tuple[Tensor, Tensor, Tensor]: Centres (M, D), their identities (M,) and their modalities (M,).
    """
    groups, index, counts = torch.unique(2 * labels + modalities, return_inverse=True, return_counts=True)
    sums = feats.new_zeros(len(groups), feats.size(1)).index_add(0, index, feats)  # (M, D)
    return sums / counts.unsqueeze(1), groups // 2, groups % 2


def refuse_batch(loss: nn.Module, wanted: str, labels: Tensor, modalities: Tensor) -> NoReturn:
    """Say that a batch holds nothing that a loss could compare: as a zero it would look like a loss that is satisfied.

    Args:
        loss (nn.Module): The loss.
        wanted (str): What it needs of a batch.
        labels (Tensor): (N,) identities.
        modalities (Tensor): (N,), 0 or 1.

    Raises:
        ValueError: Always.
    """
    kinds = ' and '.join(Modality(kind).name.lower() for kind in modalities.unique().tolist())
    raise ValueError(
        f'{type(loss).__name__} wants {wanted}, and a batch of {len(labels)} {kinds} images with '
        f'{len(labels.unique())} identities has none: draw batches with CrossModalityIdentitySampler, and let '
        'train_dataloader.batch_size be 2 * num_ids * num_instances'
    )


def fp32_island(forward: Callable) -> Callable:
    """Decorate a loss's ``forward(self, feats, labels, modalities)`` to run outside autocast, in float32 or wider."""

    @wraps(forward)
    def wrapper(self, feats: Tensor, labels: Tensor, modalities: Tensor) -> Tensor:
        with torch.autocast(feats.device.type, enabled=False):
            return forward(self, feats.to(torch.promote_types(feats.dtype, torch.float32)), labels, modalities)

    return wrapper
