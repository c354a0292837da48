"""Batch composition."""

from .alternating_identity_sampler import AlternatingIdentitySampler
from .balanced_identity_sampler import BalancedIdentitySampler
from .cluster_sampler import ClusterSampler
from .cross_modality_identity_sampler import CrossModalityIdentitySampler
from .joint_identity_sampler import JointIdentitySampler
from .seeded_index import SeededIndex

__all__ = [
    'AlternatingIdentitySampler',
    'BalancedIdentitySampler',
    'ClusterSampler',
    'CrossModalityIdentitySampler',
    'JointIdentitySampler',
    'SeededIndex',
]
