"""Ranking, its metrics and HOG as pure functions: no framework, no state."""

from .hog import hog
from .retrieval import QueryScores, cmc_curve, l2_normalize, query_blocks, rank_gallery, score_queries

__all__ = ['QueryScores', 'cmc_curve', 'hog', 'l2_normalize', 'query_blocks', 'rank_gallery', 'score_queries']
