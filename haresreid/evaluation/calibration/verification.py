"""Verification: are two images of one person? Decided by a threshold on their similarity."""

from dataclasses import dataclass

import numpy as np

from .pairs import PairCounts

__all__ = ['FALSE_POSITIVE_RATES', 'Verification', 'verify_pairs']

FALSE_POSITIVE_RATES = (1e-2, 1e-3, 1e-4)


@dataclass(frozen=True)
class Verification:
    """Error rates over all thresholds, as fractions.

    Attributes:
        same (int): Pairs of one person.
        different (int): Pairs of two.
        thresholds (np.ndarray): (B,) descending; a pair of this similarity or more is accepted.
        false_positives (np.ndarray): (B,) accepted share of the pairs of two people.
        true_positives (np.ndarray): (B,) accepted share of the pairs of one.
    """

    same: int
    different: int
    thresholds: np.ndarray
    false_positives: np.ndarray
    true_positives: np.ndarray

    def at(self, rate: float) -> tuple[float, float]:
        """The true-positive rate at a false-positive rate of at most ``rate``, and its threshold.

        NaN if the pairs of two people are too few to tell: less than one of them would be accepted.
        """
        if rate * self.different < 1:
            return np.nan, np.nan
        index = np.searchsorted(self.false_positives, rate, side='right') - 1
        if index < 0:
            return 0.0, np.inf
        return float(self.true_positives[index]), float(self.thresholds[index])

    @property
    def equal_error_rate(self) -> float:
        """Where as many pairs of one person are rejected as pairs of two are accepted."""
        gap = self.false_positives + self.true_positives - 1  # ascends from below 0 to 1
        return float((self.false_positives + 1 - self.true_positives)[np.abs(gap).argmin()] / 2)


def verify_pairs(pairs: PairCounts) -> Verification:
    """Count the errors at every threshold between two bins.

    The DET curve shows the false negatives, 1 - true positives, over the false positives.
    """
    same, different = pairs.counts()
    totals = int(same.sum()), int(different.sum())
    width = pairs.similarities[1] - pairs.similarities[0]
    return Verification(
        *totals,
        pairs.similarities[::-1] - width / 2,
        np.cumsum(different[::-1]) / totals[1],
        np.cumsum(same[::-1]) / totals[0],
    )
