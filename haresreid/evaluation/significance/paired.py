"""The difference between two results on the same queries: its interval, and how often chance gives one as large."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..query_scores import SCORED_METRICS, ScoredQueries
from .identities import by_identity, require_same_queries

__all__ = ['Difference', 'compare']

BATCH = 500  # resamples held at once
MIN_IDENTITIES = 10


@dataclass(frozen=True)
class Difference:
    """The difference in one metric, second minus first, as fractions.

    Attributes:
        metric (str): One of ``SCORED_METRICS``.
        first (float): The first result's figure, the mean over its runs and trials.
        second (float): The second's.
        low (float): Lower end of the interval of the difference.
        high (float): Upper end.
        p_value (float): Two-sided, of the permutation test.
    """

    metric: str
    first: float
    second: float
    low: float
    high: float
    p_value: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first


def compare(
    first: Sequence[ScoredQueries],
    second: Sequence[ScoredQueries],
    level: float = 0.95,
    resamples: int = 9999,
    seed: int = 0,
) -> list[Difference]:
    """Compare two results on the same queries, by identity.

    The interval is a bootstrap over identities (bias-corrected and accelerated), for other people before the same
    trained models. The permutation test exchanges the two results' scores of an identity, at random for each: if the
    results were alike, this would change nothing but noise. Both are SciPy's, and neither assumes a distribution.

    Args:
        first (Sequence[ScoredQueries]): The runs of the first result, such as its seeds.
        second (Sequence[ScoredQueries]): Those of the second.
        level (float): Of the interval. Defaults to 0.95.
        resamples (int): Of bootstrap and permutation test each. Defaults to 9999.
        seed (int): Of both. Defaults to 0.

    Returns:
        list[Difference]: One per metric of ``SCORED_METRICS``.

    Raises:
        ValueError: If the results are of different queries, or there are fewer than 10 identities.
    """
    require_same_queries([*first, *second])
    sums, counts = by_identity(first)  # (M, J), (J,)
    others, _ = by_identity(second)
    if len(counts) < MIN_IDENTITIES:
        raise ValueError(
            f'The queries are of {len(counts)} identities, too few to tell a difference from chance: '
            f'at least {MIN_IDENTITIES} are needed.'
        )
    differences = others - sums
    bounds = [_interval(difference, counts, level, resamples, seed) for difference in differences]
    p_values = [_p_value(*pair, resamples, seed) for pair in zip(sums, others)]
    return [
        Difference(metric, ours.sum(), theirs.sum(), *bound, p_value)
        for metric, ours, theirs, bound, p_value in zip(SCORED_METRICS, sums, others, bounds, p_values)
    ]


def _interval(
    differences: np.ndarray, counts: np.ndarray, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    if not differences.any():  # the same scores: nothing varies
        return 0.0, 0.0
    low, high = stats.bootstrap(
        (differences, counts),
        _ratio,
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=BATCH,
        confidence_level=level,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(low), float(high)


def _ratio(sums: np.ndarray, counts: np.ndarray, axis: int = -1) -> np.ndarray:
    return sums.sum(axis=axis) / counts.sum(axis=axis)


def _p_value(first: np.ndarray, second: np.ndarray, resamples: int, seed: int) -> float:
    return stats.permutation_test(
        (second, first),
        lambda ours, theirs, axis: (ours - theirs).sum(axis=axis),
        permutation_type='samples',
        vectorized=True,
        n_resamples=resamples,
        batch=BATCH,
        rng=np.random.default_rng(seed),
    ).pvalue
