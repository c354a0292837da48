"""Identities that are guessed from features: clusters, their partners in the other modality, how good they are."""

from .dbscan import cluster_images
from .matching import MATCHINGS, Matches, match_by_votes, match_progressively
from .means import cluster_means
from .quality import ClusterQuality, judge

__all__ = [
    'MATCHINGS',
    'ClusterQuality',
    'Matches',
    'cluster_images',
    'cluster_means',
    'judge',
    'match_by_votes',
    'match_progressively',
]
