"""Batch composition."""

from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .drawn_index import DrawnIndex

__all__ = ['CrossModalityIdentitySampler', 'DrawnIndex']
