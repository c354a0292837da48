"""Batch composition."""

from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .seeded_index import SeededIndex

__all__ = ['CrossModalityIdentitySampler', 'SeededIndex']
