"""From tracks to people."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from haresreid.search.gallery import Gallery
from haresreid.structures import Calibration
from haresreid.structures.calibration import expected_prior

from .average_link import average_link
from .scores import PairScores
from .tracks import Tracks, gallery_tracks

__all__ = ['Assignment', 'assign_people']


@dataclass
class Assignment:
    """Whom T tracks show.

    Attributes:
        tracks (Tracks): The tracks.
        people (np.ndarray): (T,) a person is called by the smallest id of the rows that show it.
        probabilities (np.ndarray): (T,) that the track shows the person of the others: of its mean log odds. NaN of a
            track that is alone, and without a calibration.
        changed (int): How many rows of the gallery had another person before, or none.
    """

    tracks: Tracks
    people: np.ndarray
    probabilities: np.ndarray
    changed: int


def assign_people(
    gallery: Gallery,
    least: float,
    calibration: Calibration | None = None,
    expected_tracks: float = 1.0,
    travel: Mapping[tuple[int, int], float] | None = None,
) -> Assignment:
    """Find which tracks show the same person, and write it into the gallery, of all rows or of none.

    Groups of tracks are joined by average link: by the mean log odds of the pairs between them, or without a
    calibration by their mean cosine similarity. The same gallery always gives the same people.

    Args:
        gallery (Gallery): With a column ``person``.
        least (float): The least probability, or without a calibration the least similarity, by which groups are joined.
        calibration (Calibration, optional): Of the model that computed the features. Defaults to None.
        expected_tracks (float): How many other tracks of its person are expected beside each one; the prior of the
            calibration. Defaults to 1.
        travel (Mapping, optional): Least seconds between two cameras, see :func:`read_travel_times`. Defaults to None.

    Raises:
        ValueError: If the gallery has no such column, or a modality is unknown and the calibration needs it.
    """
    tracks = gallery_tracks(gallery)
    prior = float(expected_prior(expected_tracks, len(tracks) - 1))
    scores = PairScores(tracks, calibration, prior, travel)
    groups = average_link(scores, len(tracks), np.log(least) - np.log1p(-least) if calibration else least)
    names = np.full(groups.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(names, groups, tracks.numbers)
    people = names[groups]
    probabilities = np.full(len(tracks), np.nan)
    if calibration:
        order = np.argsort(groups, kind='stable')
        for members in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
            if len(members) > 1:
                probabilities[members] = _mean_probability(scores, members)
    wanted = people[tracks.track_of]  # (N,)
    changed = np.flatnonzero(wanted != tracks.people)
    gallery.update(tracks.ids[changed].tolist(), columns=dict(person=wanted[changed]))
    return Assignment(tracks, people, probabilities, len(changed))


def _mean_probability(scores: PairScores, members: np.ndarray) -> np.ndarray:
    """(n,) of each member's mean log odds to the others."""
    odds = scores(members, members)  # (n, n)
    np.fill_diagonal(odds, 0)
    return 1 / (1 + np.exp(-odds.sum(axis=1) / (len(members) - 1)))
