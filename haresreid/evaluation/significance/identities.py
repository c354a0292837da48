"""Queries summed by identity. Queries of one person fail together, so the person is what is drawn anew."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ..query_scores import ScoredQueries

__all__ = ['by_identity', 'identity_error', 'require_same_queries']

BATCH = 500  # resamples held at once


def by_identity(runs: Sequence[ScoredQueries]) -> tuple[np.ndarray, np.ndarray]:
    """The identities' shares of the figures: (M, J) of the scores, and (J,) of the valid queries.

    Both are means over runs and trials. The shares of the queries sum to 1 and those of the scores to the figures, so
    a figure of drawn identities is the ratio of two sums.
    """
    _, identity = np.unique(runs[0].pids, return_inverse=True)
    one_hot = np.eye(identity.max() + 1)[identity]  # (Q, J)
    weights = [run.valid / run.valid.sum(axis=1, keepdims=True) for run in runs]  # (T, Q) each
    scores = np.mean([(run.scores * weight).mean(axis=1) for run, weight in zip(runs, weights)], axis=0)  # (M, Q)
    queries = np.mean([weight.mean(axis=0) for weight in weights], axis=0)  # (Q,)
    sums, counts = scores @ one_hot, queries @ one_hot
    return sums[:, counts > 0], counts[counts > 0]


def identity_error(sums: np.ndarray, counts: np.ndarray, resamples: int, seed: int) -> float:
    """Standard error of a figure over other identities, by SciPy's bootstrap.

    Args:
        sums (np.ndarray): (J,) the identities' shares of a figure, or of a difference.
        counts (np.ndarray): (J,) their shares of the queries.
        resamples (int): How often identities are drawn.
        seed (int): Of these draws.
    """
    result = stats.bootstrap(
        (sums, counts),
        lambda sums, counts, axis: sums.sum(axis=axis) / counts.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=BATCH,
        method='percentile',
        rng=np.random.default_rng(seed),
    )
    # resampling J identities knows their spread about their own mean, which is J - 1 deviations
    return float(result.standard_error) * np.sqrt(len(counts) / (len(counts) - 1))


def require_same_queries(runs: Sequence[ScoredQueries]) -> None:
    """Refuse runs of different queries or galleries.

    Raises:
        ValueError: If they differ; the message says in what.
    """
    first = runs[0]
    for run in runs[1:]:
        for what, ours, theirs in (
            ('protocol', first.protocol, run.protocol),
            ('trials', first.trials, run.trials),
            ('number of gallery images', first.num_gallery, run.num_gallery),
            ('identities of the queries', first.pids, run.pids),
            ('cameras of the queries', first.camids, run.camids),
            ('query images', first.names, run.names),
            ('valid queries', first.valid, run.valid),
        ):
            if not np.array_equal(ours, theirs):
                raise ValueError(
                    f'The results differ in their {what}, so their queries cannot be paired: '
                    'evaluate both under one protocol on the same files.'
                )
