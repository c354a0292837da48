"""Generators: from images to images, in front of the backbone."""

from .x_modality import XModalityGenerator

__all__ = ['XModalityGenerator']
