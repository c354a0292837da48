"""Modules that fuse or reshape backbone features."""

from .cffm import CFFM
from .concat_fusion import ConcatFusion
from .stripe_neck import StripeNeck

__all__ = ['CFFM', 'ConcatFusion', 'StripeNeck']
