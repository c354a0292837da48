"""What the losses share: the distance, the modality centres, and the precision in which they are computed."""

from collections.abc import Callable
from functools import wraps
from itertools import combinations
from typing import NoReturn

import torch
from torch import Tensor, nn

from haresreid.structures import Modality, ReIDBatch

__all__ = ['fp32_island', 'modality_centers', 'over_modality_pairs', 'pairwise_distance', 'refuse_batch']


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


def modality_centers(feats: Tensor, batch: ReIDBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Mean feature of every (identity, modality) that the batch holds (HAResformer, eq. 8).

    Args:
        feats (Tensor): (N, D).
        batch (ReIDBatch): Their rows.

    Returns:
        tuple[Tensor, Tensor, Tensor]: Centres (M, D), their identities (M,) and their modalities (M,), sorted by both.
    """
    modalities = batch.modalities.to(feats.device)
    stride = max(int(batch.modalities.max()), 1) + 1  # so that no two (identity, modality) have one number
    groups, index, counts = torch.unique(stride * batch.labels + modalities, return_inverse=True, return_counts=True)
    sums = feats.new_zeros(len(groups), feats.size(1)).index_add(0, index, feats)  # (M, D)
    return sums / counts.unsqueeze(1), groups // stride, groups % stride


def refuse_batch(loss: nn.Module, wanted: str, batch: ReIDBatch) -> NoReturn:
    """Say that a batch holds nothing that a loss could compare: as a zero it would look like a loss that is satisfied.

    Args:
        loss (nn.Module): The loss.
        wanted (str): What it needs of a batch.
        batch (ReIDBatch): What it got.

    Raises:
        ValueError: Always.
    """
    names = {-1: 'unknown', **{int(modality): modality.name.lower() for modality in Modality}}
    kinds = ' and '.join(names.get(kind, f'modality {kind}') for kind in batch.modalities.unique().tolist())
    raise ValueError(
        f'{type(loss).__name__} wants {wanted}, and a batch of {len(batch.labels)} {kinds} images with '
        f'{len(batch.labels.unique())} identities has none: draw batches with CrossModalityIdentitySampler, and let '
        'train_dataloader.batch_size be 2 * num_ids * num_instances'
    )


def fp32_island(forward: Callable) -> Callable:
    """Decorate a loss's ``forward`` to run outside autocast, its features in float32 or wider."""

    def widened(value):
        if isinstance(value, Tensor) and value.is_floating_point():
            return value.to(torch.promote_types(value.dtype, torch.float32))
        return value

    @wraps(forward)
    def wrapper(self, *args, **kwargs) -> Tensor:
        device = next(value.device for value in (*args, *kwargs.values()) if isinstance(value, Tensor))
        with torch.autocast(device.type, enabled=False):
            return forward(self, *map(widened, args), **{name: widened(value) for name, value in kwargs.items()})

    return wrapper


def over_modality_pairs(forward: Callable) -> Callable:
    """Decorate a ``forward(self, feats, batch)`` for two modalities: the mean over the pairs that the batch shows."""

    @wraps(forward)
    def wrapper(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        pairs = list(combinations(batch.modalities.unique().tolist(), 2))
        if len(pairs) < 2:
            return forward(self, feats, batch)
        rows = [batch.rows_of(*pair) for pair in pairs]  # (n,) each
        return sum(forward(self, feats[chosen], batch.take(chosen)) for chosen in rows) / len(pairs)

    return wrapper
