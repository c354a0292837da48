"""The named stages of a backbone."""

from collections.abc import Iterable

from torch import Tensor, nn

from haresreid.structures import ReIDBatch

__all__ = ['last_map', 'stages_of']


def stages_of(backbone: nn.Module) -> dict[str, nn.Module]:
    """The stages that a backbone names in ``stages()``, in order; empty if it has no such method.

    Figures, profiles and costs use these: ``RE1`` to ``RE4`` of a ResNet, ``TE1``, ``CFFM1``, ... of HAResformer.
    """
    return backbone.stages() if hasattr(backbone, 'stages') else {}


def last_map(stages: Iterable[nn.Module], x: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
    """Run images (B, 3, H, W) through one stage after another: the last one's map, as a tuple of one, and the rows."""
    for stage in stages:
        x = stage(x, batch)
    return (x,), batch
