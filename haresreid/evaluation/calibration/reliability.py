"""Reliability: of what is said with a probability of 0.9, is nine tenths right?"""

from dataclasses import dataclass

import numpy as np

from haresreid.structures.calibration import Curve

from .pairs import PairCounts

__all__ = ['Reliability', 'reliability', 'reliability_of_pairs']

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Probabilities in K bins of equal width, and what came true. Empty bins hold NaN.

    Attributes:
        stated (np.ndarray): (K,) mean probability.
        observed (np.ndarray): (K,) share of what came true.
        weights (np.ndarray): (K,) share of the cases.
    """

    stated: np.ndarray
    observed: np.ndarray
    weights: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error: the mean, over the cases, of how far stated and observed shares differ."""
        filled = self.weights > 0
        return float((self.weights * np.abs(self.stated - self.observed))[filled].sum())


def reliability(
    probabilities: np.ndarray, true: np.ndarray, weights: np.ndarray | None = None, bins: int = BINS
) -> Reliability:
    """Compare probabilities with what came true.

    From Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (AAAI 2015).

    Args:
        probabilities (np.ndarray): (N,).
        true (np.ndarray): (N,) 0 or 1, or the share that came true.
        weights (np.ndarray, optional): (N,) how much each counts. Defaults to None: all alike.
        bins (int): K. Defaults to 10.
    """
    weights = np.ones(len(probabilities)) if weights is None else weights
    index = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    total, stated, observed = (
        np.bincount(index, weights * values, bins) for values in (np.ones(len(index)), probabilities, true)
    )
    with np.errstate(invalid='ignore'):
        return Reliability(stated / total, observed / total, total / total.sum())


def reliability_of_pairs(pairs: PairCounts, curve: Curve, prior: float = 0.5) -> Reliability:
    """The reliability of a curve on pairs, of which a share of ``prior`` is weighted to be of one person."""
    same, different = (part / part.sum() for part in pairs.counts())
    weights = prior * same + (1 - prior) * different  # (BINS,)
    seen = weights > 0
    log_odds = curve.log_ratio(pairs.similarities[seen])[:, 0] + np.log(prior) - np.log1p(-prior)
    return reliability(1 / (1 + np.exp(-log_odds)), (prior * same / weights.clip(1e-300))[seen], weights[seen])
