"""Intervals and tests, against loops and against features whose difference is known."""

import runpy
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation.query_scores import SCORED_METRICS
from haresreid.evaluation.significance import compare
from haresreid.evaluation.significance.identities import by_identity

BENCHMARK = Path(__file__).parents[3] / 'benchmarks/significance.py'


def test_shares_of_the_identities_sum_to_the_figures(make_run):
    runs = [make_run(0, invalid=(3,)), make_run(1, invalid=(3,))]
    sums, counts = by_identity(runs)
    assert sums.shape == (3, 19) and counts == pytest.approx(np.full(19, 1 / 19))
    for row, score in enumerate(('R1', 'ap', 'inp')):
        for column, pid in enumerate([pid for pid in range(20) if pid != 3]):
            shares = [
                (float(run.hit_rank[trial, query] == 1) if score == 'R1' else getattr(run, score)[trial, query]) / 38
                for run in runs
                for trial in range(3)
                for query in np.flatnonzero(run.pids == pid)
            ]
            assert sums[row, column] == pytest.approx(sum(shares) / 6)


def test_the_permutation_test_counts_exchanges_of_identities(make_run):
    first, second = make_run(0, people=10), make_run(1, level=0.6, people=10)
    found = compare([first], [second])
    for metric, difference, each in zip(SCORED_METRICS, by_identity([second])[0] - by_identity([first])[0], found):
        sums = np.array([signs @ difference for signs in map(np.array, product((1, -1), repeat=10))])
        assert each.metric == metric and each.difference == pytest.approx(difference.sum())
        assert each.p_value == pytest.approx((np.abs(sums) >= abs(difference.sum()) - 1e-12).mean())  # all 1024


def test_the_interval_has_the_width_of_resampled_identities(make_run):
    first, second = make_run(0, people=60), make_run(1, level=0.55, people=60)
    rng = np.random.default_rng(5)
    differences = by_identity([second])[0] - by_identity([first])[0]  # (3, 60)
    drawn = [differences[:, rng.integers(0, 60, 60)].sum(axis=1) for _ in range(4000)]
    for each, low, high in zip(compare([first], [second]), *np.percentile(drawn, (2.5, 97.5), axis=0)):
        width = high - low
        assert (each.low, each.high) == pytest.approx((low, high), abs=0.12 * width)


def test_copies_of_a_query_add_no_certainty(make_run):
    """An interval over queries instead of people would shrink by a factor of two."""

    def copied(run):
        columns = {
            name: np.tile(getattr(run, name), 4) for name in ('pids', 'camids', 'hit_rank', 'ap', 'inp', 'valid')
        }
        return replace(
            run, img_paths=np.array([f'{copy}/{path}' for copy in range(4) for path in run.img_paths]), **columns
        )

    first, second = make_run(0), make_run(1, level=0.6)
    once = compare([first], [second])
    again = compare([copied(first)], [copied(second)])
    for one, other in zip(once, again):
        assert (other.low, other.high, other.p_value) == pytest.approx((one.low, one.high, one.p_value))


def test_equal_results_do_not_differ(make_run):
    for each in compare([make_run(0)], [make_run(0)]):
        assert (each.difference, each.low, each.high, each.p_value) == (0, 0, 0, 1)


def test_the_truth_lies_in_the_interval_as_often_as_it_says():
    """60 repetitions: with a coverage of 95 %, fewer than 88 % or p < 0.05 in more than 15 % are unlikely (0.5 %)."""
    benchmark = runpy.run_path(str(BENCHMARK))
    better, alike = (1.9, 1.5), (1.7, 1.7)
    truth = benchmark['true_difference'](20, better, 150, 0)
    found = benchmark['repeat'](20, better, 60, 999, 1)
    assert (benchmark['coverage'](found, truth) >= 0.88).all()
    assert (found[..., 2] < 0.05).mean(axis=0)[1] > 0.5  # and the difference in mAP is seen
    assert ((benchmark['repeat'](20, alike, 60, 999, 2)[..., 2] < 0.05).mean(axis=0) <= 0.15).all()


@pytest.mark.parametrize(
    'change, what',
    [
        (dict(protocol='sysu/indoor'), 'protocol'),
        (dict(pids=np.arange(40)), 'identities of the queries'),
        (dict(img_paths=np.array([f'/other/{number}.jpg' for number in range(40)])), 'query images'),
    ],
)
def test_other_queries_are_refused(make_run, change, what):
    with pytest.raises(ValueError, match=f'The results differ in their {what}, so their queries cannot be paired'):
        compare([make_run(0)], [replace(make_run(1), **change)])


def test_the_same_images_elsewhere_are_paired(make_run):
    run = make_run(1)
    moved = replace(run, img_paths=np.array([path.replace('/data', '/mnt/sets') for path in run.img_paths]))
    assert len(compare([make_run(0)], [moved])) == 3


def test_few_people_are_refused(make_run):
    with pytest.raises(ValueError, match='The queries are of 9 identities, too few'):
        compare([make_run(0, people=9)], [make_run(1, people=9)])
