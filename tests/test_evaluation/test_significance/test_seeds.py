"""Differences between seeds, and how many show one."""

import numpy as np
import pytest
from scipy.stats import t

from haresreid.evaluation.significance import compare_seeds, seeds_needed


def test_welch(make_run):
    first = [make_run(seed, 0.5) for seed in range(3)]
    second = [make_run(seed, 0.55) for seed in range(10, 14)]
    ours, theirs = (np.array([run.ap.mean() for run in runs]) for runs in (first, second))
    parts = np.array([ours.var(ddof=1) / 3, theirs.var(ddof=1) / 4])
    error, freedom = parts.sum() ** 0.5, parts.sum() ** 2 / (parts**2 / (2, 3)).sum()
    difference = theirs.mean() - ours.mean()
    each = compare_seeds(first, second)[1]
    half = t.ppf(0.975, freedom) * error
    assert (each.low, each.high) == pytest.approx((difference - half, difference + half))
    assert each.p_value == pytest.approx(2 * t.sf(abs(difference) / error, freedom))
    assert each.deviation == pytest.approx(((2 * ours.var(ddof=1) + 3 * theirs.var(ddof=1)) / 5) ** 0.5)


def test_seeds_that_change_nothing(make_run):
    [r1, *_] = compare_seeds([make_run(0)] * 2, [make_run(0)] * 2)
    assert (r1.low, r1.high, r1.p_value, r1.deviation) == (0, 0, 1, 0)


def test_one_run_is_no_sample_of_seeds(make_run):
    with pytest.raises(ValueError, match='at least two runs of each'):
        compare_seeds([make_run(0)], [make_run(1), make_run(2)])


@pytest.mark.parametrize('difference, seeds', [(0.5, 64), (0.8, 26), (1, 17), (100, 2)])
def test_seeds_needed_are_those_of_the_textbook(difference, seeds):
    """Cohen, Statistical Power Analysis for the Behavioral Sciences, table 2.4.1: power 0.80, two-sided 0.05."""
    assert seeds_needed(difference, 1) == seeds


def test_seeds_needed_at_the_limits():
    assert seeds_needed(1, 0) == 2 and seeds_needed(0.01, 1) is None
    with pytest.raises(ValueError, match='must be positive, got 0'):
        seeds_needed(0, 1)
