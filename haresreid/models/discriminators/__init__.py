"""Discriminators: from images to scores of how real each place looks."""

from .multi_scale import MultiScaleDiscriminator
from .patch import ConditionalPatchDiscriminator, PatchDiscriminator

__all__ = [
    'ConditionalPatchDiscriminator',
    'MultiScaleDiscriminator',
    'PatchDiscriminator',
]
