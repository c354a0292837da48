"""What a backbone tells of its stages."""

from torch import nn

__all__ = ['stages_of']


def stages_of(backbone: nn.Module) -> dict[str, nn.Module]:
    """The stages that a backbone names in ``stages()``, in their order; none where it names none.

    Figures, profiles and costs ask here: ``RE1`` to ``RE4`` of a ResNet, ``TE1``, ``CFFM1``, ... of HAResformer.
    """
    return backbone.stages() if hasattr(backbone, 'stages') else {}
