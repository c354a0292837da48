"""How well clusters agree with the identities, where these are known."""

from dataclasses import asdict, dataclass

import numpy as np

from .matching import Matches

__all__ = ['ClusterQuality', 'judge']


@dataclass(frozen=True)
class ClusterQuality:
    """What is known of one modality's clusters; shares are from 0 to 1.

    Attributes:
        clusters: Their number.
        unclustered: The share of images that are in no cluster.
        matched: The share of clusters that have a partner in the other modality; None if none was sought.
        purity: The share of clustered images that show the person whom most images of their cluster show; None if the
            people are unknown.
        right: The share of matched clusters whose partner shows mostly the same person; None if the people are unknown
            or no partner was sought.
    """

    clusters: int
    unclustered: float
    matched: float | None = None
    purity: float | None = None
    right: float | None = None

    def known(self) -> dict[str, float]:
        """All that is not None, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def judge(
    labels: tuple[np.ndarray, np.ndarray],
    pids: tuple[np.ndarray, np.ndarray] | None = None,
    matches: Matches | None = None,
) -> tuple[ClusterQuality, ClusterQuality]:
    """Judge the clusters of two modalities.

    Args:
        labels (tuple[np.ndarray, np.ndarray]): (N,) and (M,) the clusters of the two modalities' images; -1 for none.
        pids (tuple[np.ndarray, np.ndarray], optional): (N,) and (M,) the people. Defaults to None: they are unknown.
        matches (Matches, optional): The clusters' partners. Defaults to None: none were sought.
    """
    people = None if pids is None else [_majority(*own) for own in zip(labels, pids)]
    qualities = []
    for one in (0, 1):
        clusters = int(labels[one].max(initial=-1)) + 1
        partners = None if matches is None else matches[one]
        qualities.append(
            ClusterQuality(
                clusters,
                unclustered=float((labels[one] < 0).mean()),
                matched=None if partners is None else _share(partners >= 0),
                purity=None if people is None else _purity(labels[one], pids[one], people[one]),
                right=None
                if people is None or partners is None
                else _share((people[one] == people[1 - one][partners])[partners >= 0]),
            )
        )
    return tuple(qualities)


def _majority(labels: np.ndarray, pids: np.ndarray) -> np.ndarray:
    """The person whom most images of each cluster show, (C,); of several the lowest number."""
    numbers, people = np.unique(pids, return_inverse=True)
    counts = np.zeros((labels.max(initial=-1) + 1, len(numbers)), dtype=np.int64)
    np.add.at(counts, (labels[labels >= 0], people[labels >= 0]), 1)
    return numbers[counts.argmax(axis=1)]


def _purity(labels: np.ndarray, pids: np.ndarray, people: np.ndarray) -> float:
    return _share((people[labels] == pids)[labels >= 0]) if len(people) else 0.0


def _share(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0
