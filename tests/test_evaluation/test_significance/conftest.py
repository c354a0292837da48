import numpy as np
import pytest

from haresreid.evaluation.query_scores import ScoredQueries


@pytest.fixture
def make_run():
    """A run whose queries are scored at random around a level; two queries of each person, three draws."""

    def make(seed, level=0.5, people=20, trials=3, invalid=()):
        rng = np.random.default_rng(seed)
        pids = np.repeat(np.arange(people), 2)
        ap = np.clip(level + 0.2 * rng.standard_normal((trials, len(pids))), 0.01, 1)
        return ScoredQueries(
            'sysu/all',
            np.arange(trials),
            np.full(trials, 7),
            pids,
            np.full(len(pids), 3),
            np.array([f'/data/cam3/{number:04d}.jpg' for number in range(len(pids))]),
            np.where(ap > 0.5, 1, 4),
            ap,
            ap**2,
            np.tile(~np.isin(pids, invalid), (trials, 1)),
        )

    return make
