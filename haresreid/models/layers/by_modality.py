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
        chosen = batch.is_of(*modalities[0]).to(x.device)[:, None, None, None]
        return torch.where(chosen, visible(x), infrared(x))  # (N, D, h, w)
    of_visible, of_infrared = (batch.is_of(*kinds) for kinds in modalities)  # (N,) each
    if not (of_visible | of_infrared).all():
        raise ValueError(
            'This model has parts that are specific to a modality, and some of the rows are neither visible nor '
            'infrared: give the modality of each image (the data_samples of VIReID), name the stream of a further '
            'modality (visible_modalities, infrared_modalities of TwoStreamResNet), or share all parts (num_specific=0 '
            'of a ResNet, specific_patches=False of a ReIDVisionTransformer).'
        )
    # runs of rows of one function are cut out and joined again: an index in their place makes the backward pass slow
    streams, sizes = of_infrared.long().unique_consecutive(return_counts=True)
    runs = list(zip(streams.tolist(), x.split(sizes.tolist())))
    maps = {}
    for stream, function in enumerate((visible, infrared)):
        if own := [run for number, run in runs if number == stream]:
            maps[stream] = iter(function(torch.cat(own)).split([len(run) for run in own]))
    return torch.cat([next(maps[number]) for number, _ in runs])  # (N, D, h, w), in the order of x
