"""Rows of one tensor through a function of their own modality."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from haresreid.structures import Modality, ReIDBatch

__all__ = ['by_modality']


def by_modality(
    visible: Callable[[Tensor], Tensor],
    infrared: Callable[[Tensor], Tensor],
    x: Tensor,
    batch: ReIDBatch,
    training: bool,
    modalities: tuple[Sequence[int], Sequence[int]] = ((Modality.VISIBLE,), (Modality.INFRARED,)),
) -> Tensor:
    """Run each row of ``x`` through the function of its modality; the rows keep their order.

    Args:
        visible (Callable): For the visible rows, (V, C, H, W) -> (V, D, h, w).
        infrared (Callable): For the infrared ones.
        x (Tensor): (N, C, H, W).
        batch (ReIDBatch): Its rows.
        training (bool): Whether the functions are in training mode.
        modalities (tuple[Sequence[int], Sequence[int]]): The modalities that go through either function. Defaults to
            visible through the one, infrared through the other.

    Raises:
        ValueError: If a row has none of these modalities.
    """
    if torch.compiler.is_compiling() and not training:
        # an exported graph cannot have shapes that depend on labels: run both on every image, keep one each
        chosen = batch.is_of(*modalities[0])[:, None, None, None]
        return torch.where(chosen, visible(x), infrared(x))  # (N, D, h, w)
    rows = [batch.rows_of(*kinds) for kinds in modalities]
    if sum(map(len, rows)) < len(x):
        raise ValueError(
            'This model has parts that are specific to a modality, and some of the rows are neither visible nor '
            'infrared: give the modality of each image (the data_samples of VIReID), name the stream of a further '
            'modality (visible_modalities, infrared_modalities of TwoStreamResNet), or share all parts (num_specific=0 '
            'of a ResNet, specific_patches=False of a ReIDVisionTransformer).'
        )
    maps = [function(x[index]) for index, function in zip(rows, (visible, infrared)) if len(index)]
    return torch.cat(maps)[torch.cat(rows).argsort()]  # (N, D, h, w), in the order of x
