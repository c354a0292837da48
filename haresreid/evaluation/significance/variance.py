"""Where the noise of a figure comes from: the seed of the training, the drawn gallery, the people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..query_scores import SCORED_METRICS, ScoredQueries
from .identities import by_identity, identity_error, require_same_queries

__all__ = ['VarianceSplit', 'split_variance']


@dataclass(frozen=True)
class VarianceSplit:
    """Standard deviations of one metric, as fractions; None where a single seed or draw shows nothing.

    Attributes:
        metric (str): One of ``SCORED_METRICS``.
        mean (float): The figure: the mean over K seeds and T draws.
        seed (float, optional): Between the means of two seeds.
        draw (float, optional): Between the means of two gallery draws.
        queries (float): Between the means over all queries of two sets of people of this size.
        mean_variances (tuple[float]): The variances of the mean that come from seeds (of one seed / K), draws (of one
            draw / T) and queries.
    """

    metric: str
    mean: float
    seed: float | None
    draw: float | None
    queries: float
    mean_variances: tuple[float, float, float]

    @property
    def shares(self) -> np.ndarray:
        """(3,) shares of seeds, draws and queries in the variance of the mean, which sum to 1."""
        total = sum(self.mean_variances)
        return np.array(self.mean_variances) / total if total else np.zeros(3)


def split_variance(runs: Sequence[ScoredQueries], resamples: int = 9999, seed: int = 0) -> list[VarianceSplit]:
    """Split the variance of each figure into seeds, gallery draws and queries.

    Seeds and draws are crossed: every seed meets the same galleries. Thus the means of one factor over the other show
    its own variance. That of the queries is the bootstrap's, over identities.

    Args:
        runs (Sequence[ScoredQueries]): One per seed, on the same queries.
        resamples (int): Of the bootstrap. Defaults to 9999.
        seed (int): Of the bootstrap. Defaults to 0.

    Raises:
        ValueError: If the runs are of different queries.
    """
    require_same_queries(runs)
    figures = np.stack([run.figures for run in runs], axis=1)  # (M, K, T)
    sums, counts = by_identity(runs)
    return [
        _split(metric, values, identity_error(shares, counts, resamples, seed))
        for metric, values, shares in zip(SCORED_METRICS, figures, sums)
    ]


def _split(metric: str, figures: np.ndarray, queries: float) -> VarianceSplit:
    seeds, draws = figures.mean(axis=1), figures.mean(axis=0)  # (K,), (T,)
    deviations = [float(means.std(ddof=1)) if len(means) > 1 else None for means in (seeds, draws)]
    variances = [(deviation or 0) ** 2 / len(means) for deviation, means in zip(deviations, (seeds, draws))]
    return VarianceSplit(metric, float(figures.mean()), *deviations, queries, (*variances, queries**2))
