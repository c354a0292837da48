"""Whether a difference holds for other seeds, and how many seeds would show a given one."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from haresreid.files.extras import require_extra

from ..query_scores import SCORED_METRICS, ScoredQueries

__all__ = ['SeedDifference', 'compare_seeds', 'seeds_needed']

MAX_SEEDS = 1000
ROUNDING = 1e-12  # of a mean over queries


@dataclass(frozen=True)
class SeedDifference:
    """The difference in one metric between the seeds of two methods, second minus first, as fractions.

    Attributes:
        metric (str): One of ``SCORED_METRICS``.
        low (float): Lower end of the interval of the difference.
        high (float): Upper end.
        p_value (float): Two-sided, of Welch's t-test.
        deviation (float): Standard deviation of one seed's figure, pooled over both methods.
    """

    metric: str
    low: float
    high: float
    p_value: float
    deviation: float


def compare_seeds(
    first: Sequence[ScoredQueries], second: Sequence[ScoredQueries], level: float = 0.95
) -> list[SeedDifference]:
    """Compare the seeds of two methods on the same test set by Welch's t-test.

    Args:
        first (Sequence[ScoredQueries]): Two runs of the first method or more, one per seed.
        second (Sequence[ScoredQueries]): Those of the second.
        level (float): Of the interval. Defaults to 0.95.

    Raises:
        ValueError: If a method has a single run.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError('A difference between seeds takes at least two runs of each method.')
    ours, theirs = (np.array([run.figures.mean(axis=1) for run in runs]) for runs in (first, second))  # (K, M)
    return [_welch(*figures, level) for figures in zip(SCORED_METRICS, ours.T, theirs.T)]


def _welch(metric: str, ours: np.ndarray, theirs: np.ndarray, level: float) -> SeedDifference:
    squares = sum(((values - values.mean()) ** 2).sum() for values in (ours, theirs))
    deviation = float(np.sqrt(squares / (len(ours) + len(theirs) - 2)))
    difference = float(theirs.mean() - ours.mean())
    if deviation < ROUNDING:  # seeds that change nothing
        return SeedDifference(metric, difference, difference, float(abs(difference) < ROUNDING), 0.0)
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Precision loss')  # the seeds of one method may agree entirely
        test = stats.ttest_ind(theirs, ours, equal_var=False)
    return SeedDifference(metric, *map(float, test.confidence_interval(level)), float(test.pvalue), deviation)


def seeds_needed(difference: float, deviation: float, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """How many seeds of each method show a difference with the given probability, in a two-sided t-test.

    Args:
        difference (float): The true difference between the methods on this test set.
        deviation (float): Standard deviation of one seed's figure, in the same unit.
        power (float): Probability of seeing the difference. Defaults to 0.8.
        alpha (float): Probability of seeing one where there is none. Defaults to 0.05.

    Returns:
        int | None: At least 2; None if 1000 do not suffice.

    Raises:
        ValueError: If the difference is not positive, or statsmodels is not installed.
    """
    if difference <= 0:
        raise ValueError(f'The difference to be shown must be positive, got {difference}.')
    require_extra('statsmodels', 'statistics')
    from statsmodels.stats.power import TTestIndPower

    if deviation == 0:
        return 2
    powers = TTestIndPower().power(difference / deviation, np.arange(2, MAX_SEEDS + 1), alpha)  # (MAX_SEEDS - 1,)
    # past a power of 1, the non-central t gives NaN
    enough = np.flatnonzero(~(powers < power))
    return int(enough[0]) + 2 if len(enough) else None
