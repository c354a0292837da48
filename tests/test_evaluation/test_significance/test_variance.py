"""The split into seeds, draws and queries."""

from dataclasses import replace

import numpy as np
import pytest

from haresreid.evaluation.significance import split_variance


def test_a_split_is_that_of_means_over_the_other_factors(make_run):
    runs = [make_run(seed, level) for seed, level in ((0, 0.4), (1, 0.5), (2, 0.6))]
    table = np.array([[run.ap[trial].mean() for trial in range(3)] for run in runs])  # (K, T)
    split = split_variance(runs)[1]
    assert (split.metric, split.mean) == ('mAP', pytest.approx(table.mean()))
    assert split.seed == pytest.approx(table.mean(axis=1).std(ddof=1))
    assert split.draw == pytest.approx(table.mean(axis=0).std(ddof=1))
    of_people = np.mean([run.ap.mean(axis=0) for run in runs], axis=0).reshape(20, 2).mean(axis=1)
    assert split.queries == pytest.approx(of_people.std(ddof=1) / 20**0.5, rel=0.05)
    variances = np.array([split.seed**2 / 3, split.draw**2 / 3, split.queries**2])
    assert split.shares == pytest.approx(variances / variances.sum())


def test_one_seed_and_one_draw_show_nothing(make_run):
    for split in split_variance([make_run(0, trials=1)]):
        assert split.seed is split.draw is None and split.shares.tolist() == [0, 0, 1]


def test_perfect_scores_do_not_vary(make_run):
    ones = np.ones((3, 40))
    perfect = replace(make_run(0), hit_rank=ones, ap=ones, inp=ones)
    for split in split_variance([perfect, perfect]):
        assert (split.seed, split.draw, split.queries) == (0, 0, pytest.approx(0, abs=1e-12))
