"""Ranking and its figures as pure NumPy functions: no framework, no state."""

from .retrieval import QueryScores, cmc_curve, l2_normalize, query_blocks, rank_gallery, score_queries

__all__ = ['QueryScores', 'cmc_curve', 'l2_normalize', 'query_blocks', 'rank_gallery', 'score_queries']
