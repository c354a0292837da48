"""Which cluster of the other modality shows the same person."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from .means import cluster_means

__all__ = ['MATCHINGS', 'Matches', 'match_by_votes', 'match_progressively']


class Matches(NamedTuple):
    """The partners of two modalities' clusters; -1 where a cluster has none.

    Attributes:
        forward (np.ndarray): (C,) the second modality's partner of each cluster of the first.
        backward (np.ndarray): (D,) the first modality's partner of each cluster of the second.
    """

    forward: np.ndarray
    backward: np.ndarray


def match_by_votes(features: tuple[np.ndarray, np.ndarray], labels: tuple[np.ndarray, np.ndarray]) -> Matches:
    """Match two clusters if each is the other's choice, by the votes of its images (ADCA, Yang et al., ACM MM 2022).

    An image votes for the cluster of the other modality whose mean is nearest to it. Of two clusters with equal votes
    the lower number wins.

    Args:
        features (tuple[np.ndarray, np.ndarray]): (N, D) and (M, D) unit rows, of the two modalities.
        labels (tuple[np.ndarray, np.ndarray]): (N,) and (M,) their clusters; -1 for none.
    """
    means = [cluster_means(*own) for own in zip(features, labels)]
    choices = [_vote(features[one], labels[one], len(means[one]), means[1 - one]) for one in (0, 1)]
    mutual = [
        np.where(choices[1 - one][choices[one]] == np.arange(len(choices[one])), choices[one], -1) for one in (0, 1)
    ]
    return Matches(*mutual)


def match_progressively(features: tuple[np.ndarray, np.ndarray], labels: tuple[np.ndarray, np.ndarray]) -> Matches:
    """Assign clusters one to one at the least total distance, in rounds (PGM, Wu and Ye, CVPR 2023).

    In the first round the modality with fewer clusters finds a partner for each. Every further round matches what is
    left of the other modality with all of them again, until none is left. A cluster of the smaller side thus has one
    partner, that of the first round, and may be the partner of several.

    Args:
        features (tuple[np.ndarray, np.ndarray]): See :func:`match_by_votes`.
        labels (tuple[np.ndarray, np.ndarray]): See there.
    """
    first, second = (cluster_means(*own) for own in zip(features, labels))
    if len(first) < len(second):
        many, few = _assign_in_rounds(second, first)
        return Matches(few, many)
    return Matches(*_assign_in_rounds(first, second))


MATCHINGS: dict[str, Callable[..., Matches]] = {'votes': match_by_votes, 'progressive': match_progressively}


def _vote(features: np.ndarray, labels: np.ndarray, clusters: int, means: np.ndarray) -> np.ndarray:
    """The choice of each cluster, (C,), among the means of the other modality, (D, F)."""
    chosen = labels >= 0
    nearest = (features[chosen] @ means.T).argmax(axis=1)  # (N,)
    votes = np.zeros((clusters, len(means)), dtype=np.int64)
    np.add.at(votes, (labels[chosen], nearest), 1)
    return votes.argmax(axis=1)


def _assign_in_rounds(many: np.ndarray, few: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Partners of the larger side, (C,), and of the smaller one, (D,), from their means."""
    distances = 1 - many.astype(np.float64) @ few.T  # (C, D)
    partners, first_partners = np.full(len(many), -1), np.full(len(few), -1)
    while len(left := np.flatnonzero(partners < 0)):
        rows, columns = linear_sum_assignment(distances[left])
        partners[left[rows]] = columns
        if len(left) == len(many):
            first_partners[columns] = left[rows]
    return partners, first_partners
