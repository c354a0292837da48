"""Functions shared by the losses: the distance, the modality centres, and the precision of the computation."""

from collections.abc import Callable
from functools import wraps
from itertools import combinations
from typing import NoReturn

import torch
from torch import Tensor, nn

from haresreid.structures import Modality, ReIDBatch

__all__ = [
    'fp32_island',
    'group_means',
    'modality_centers',
    'over_modality_pairs',
    'pairwise_distance',
    'refuse_batch',
    'refuse_unequal_rows',
    'row_means',
]


def pairwise_distance(x: Tensor) -> Tensor:
    """Euclidean distances between the rows of ``x``: (..., N, D) -> (..., N, N).

    Leading dimensions are batches. The distance is computed as ``x^2 + y^2 - 2xy``: one matrix product, whose diagonal
    holds the squares. It runs in float64, because un-normalised features have norms near 100, where the expansion loses
    small distances in float32; float64 keeps everything that float32 features can express. A distance below 3e-7 of the
    norms is indistinguishable from zero by rounding: it is set to zero, and its gradient too.
    """
    x64 = x.double()
    products = x64 @ x64.transpose(-2, -1)  # (..., N, N)
    norms = products.diagonal(dim1=-2, dim2=-1)  # (..., N), squared
    norms = norms.unsqueeze(-1) + norms.unsqueeze(-2)  # (..., N, N)
    squared = norms - 2 * products
    alike = squared.detach() <= 1e-13 * norms.detach()  # never where a feature is NaN, whose distances stay NaN
    return torch.where(alike, 0, torch.where(alike, 1, squared).sqrt()).to(x.dtype)  # sqrt has no gradient at zero


def group_means(feats: Tensor, groups: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The mean feature of every group.

    Args:
        feats (Tensor): (N, D).
        groups (Tensor): (N,) the number of each row's group, such as its identity.

    Returns:
        tuple[Tensor, Tensor, Tensor]: Means (M, D), the numbers of their groups (M,), sorted, and which of them each
        row belongs to (N,).
    """
    numbers, index, counts = torch.unique(groups, return_inverse=True, return_counts=True)
    sums = feats.new_zeros(len(numbers), feats.size(1)).index_add(0, index, feats)  # (M, D)
    return sums / counts.unsqueeze(1), numbers, index


def row_means(values: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the chosen values of each row, 0 where none is: (N, M) and (N, M) of truth values -> (N,)."""
    return values.where(chosen, 0).sum(1) / chosen.sum(1).clamp(min=1)


def modality_centers(feats: Tensor, batch: ReIDBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Mean feature of every (identity, modality) that the batch holds (HAResformer, eq. 8).

    Args:
        feats (Tensor): (N, D).
        batch (ReIDBatch): Their rows.

    Returns:
        tuple[Tensor, Tensor, Tensor]: Centres (M, D), their identities (M,) and their modalities (M,), sorted by both.
    """
    modalities = batch.modalities.to(feats.device)
    stride = max(int(batch.modalities.max()), 1) + 1  # gives every (identity, modality) its own number
    centers, groups, _ = group_means(feats, stride * batch.labels + modalities)
    return centers, groups // stride, groups % stride


def refuse_batch(loss: nn.Module, wanted: str, batch: ReIDBatch) -> NoReturn:
    """Refuse a batch that holds nothing a loss could compare: a value of zero would look like a satisfied loss.

    Args:
        loss (nn.Module): The loss.
        wanted (str): What the loss needs in a batch.
        batch (ReIDBatch): The batch it got.

    Raises:
        ValueError: Always.
    """
    names = {-1: 'unknown', **{int(modality): modality.name.lower() for modality in Modality}}
    kinds = ' and '.join(names.get(kind, f'modality {kind}') for kind in batch.modalities.unique().tolist())
    raise ValueError(
        f'{type(loss).__name__} wants {wanted}, and a batch of {len(batch.labels)} {kinds} images with '
        f'{len(batch.labels.unique())} identities has none: draw batches with CrossModalityIdentitySampler, and let '
        'its num_ids be 2 or more'
    )


def refuse_unequal_rows(loss: nn.Module, feats: Tensor, target: Tensor) -> None:
    """Refuse to compare a student's features with a teacher's if their rows are not those of the same images.

    Args:
        loss (nn.Module): The loss.
        feats (Tensor): The student's features, (N, D).
        target (Tensor): The teacher's, (M, E).

    Raises:
        ValueError: If N is not M.
    """
    if len(feats) != len(target):
        raise ValueError(
            f'{type(loss).__name__} compares row by row, but the student has {len(feats)} rows and the teacher '
            f'{len(target)}: a student with a part that multiplies rows, such as a generator, can have no teacher'
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
    """Extend a ``forward(self, feats, batch)`` for two modalities to the mean over all pairs that the batch shows."""

    @wraps(forward)
    def wrapper(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        pairs = list(combinations(batch.modalities.unique().tolist(), 2))
        if len(pairs) < 2:
            return forward(self, feats, batch)
        rows = [batch.rows_of(*pair) for pair in pairs]  # (n,) each
        return sum(forward(self, feats[chosen], batch.take(chosen)) for chosen in rows) / len(pairs)

    return wrapper
