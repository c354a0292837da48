"""The difference between two results on the same queries: its interval, and how often chance gives one as large."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..query_scores import SCORED_METRICS, ScoredQueries
from .identities import BATCH, by_identity, identity_error, require_same_queries

__all__ = ['Difference', 'compare']

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

    The interval is for other people before the same trained models: Student's t with the standard error of a paired
    bootstrap over identities. The permutation test exchanges the two results' scores of an identity, at random for
    each: if the results were alike, this would change nothing but noise. Both are SciPy's.

    The bootstrap's own intervals are too narrow here. ``benchmarks/significance.py`` measures what these are worth.

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
    error = identity_error(differences, counts, resamples, seed)
    half = stats.t.ppf((1 + level) / 2, len(counts) - 1) * error
    return float(differences.sum() - half), float(differences.sum() + half)


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
