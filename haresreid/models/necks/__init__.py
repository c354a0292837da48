"""Modules that fuse or reshape backbone features."""

from .cffm import CFFM
from .concat_fusion import ConcatFusion

__all__ = ['CFFM', 'ConcatFusion']
