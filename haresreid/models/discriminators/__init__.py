"""Discriminators: from images to scores of how real each place looks."""

from .multi_scale import MultiScaleDiscriminator
from .patch import ConditionalPatchDiscriminator, PatchDiscriminator
from .residual_multi_scale import ResidualMultiScaleDiscriminator

__all__ = [
    'ConditionalPatchDiscriminator',
    'MultiScaleDiscriminator',
    'PatchDiscriminator',
    'ResidualMultiScaleDiscriminator',
]
