"""The named stages of a backbone."""

from torch import nn

__all__ = ['stages_of']


def stages_of(backbone: nn.Module) -> dict[str, nn.Module]:
    """The stages that a backbone names in ``stages()``, in order; empty if it has no such method.

    Figures, profiles and costs use these: ``RE1`` to ``RE4`` of a ResNet, ``TE1``, ``CFFM1``, ... of HAResformer.
    """
    return backbone.stages() if hasattr(backbone, 'stages') else {}
