"""Discriminators: from images to scores of how real each place looks."""

from .multi_scale import MultiScaleDiscriminator

__all__ = ['MultiScaleDiscriminator']
