"""Open-set identification: search for people of whom the gallery may hold no image (ISO/IEC 19795-1)."""

from dataclasses import dataclass

import numpy as np

from haresreid.structures import Modality
from haresreid.structures.calibration import MODALITY_PAIRS, Calibration, expected_prior

from ..feature_set import FeatureSet
from ..functional import query_blocks
from ..protocols import CrossModalProtocol
from ..protocols.draws import draw_with_seed, group_images, in_order

__all__ = ['Answers', 'OpenSetHits', 'OtherCameras', 'open_set_hits']


@dataclass(frozen=True)
class Answers:
    """Answers at one least probability, as fractions; NaN if nothing was to be counted.

    Attributes:
        rejected (float): Queries of unknown people that are answered "nobody".
        missed (float): Queries of known people that are answered "nobody".
        nobody_right (float): Of the answers "nobody", those to queries of unknown people.
        named_right (float): Of the people named, the right ones.
        named (float): Queries that are answered with a person.
    """

    rejected: float
    missed: float
    nobody_right: float
    named_right: float
    named: float


@dataclass(frozen=True)
class OpenSetHits:
    """The best hit of each of Q queries, all trials one after another.

    Attributes:
        similarities (np.ndarray): (Q,) of the best hit.
        correct (np.ndarray): (Q,) whether it shows the query's person.
        known (np.ndarray): (Q,) whether the gallery that the query sees holds the query's person.
        searched (np.ndarray): (Q,) gallery images that the query sees.
        modalities (tuple[int, int]): Of queries and gallery.
    """

    similarities: np.ndarray
    correct: np.ndarray
    known: np.ndarray
    searched: np.ndarray
    modalities: tuple[int, int]

    @property
    def pair(self) -> str:
        """The name in ``MODALITY_PAIRS``."""
        return MODALITY_PAIRS[sum(self.modalities)]

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """False-alarm rates and identification rates of all thresholds, (Q,) each, ascending.

        A false alarm is a query of an unknown person with a hit above the threshold. A query of a known person is
        identified if its best hit is right and above the threshold.
        """
        order = np.argsort(-self.similarities, kind='stable')
        alarms = np.cumsum(~self.known[order]) / max(1, np.count_nonzero(~self.known))
        return alarms, np.cumsum(self.correct[order]) / max(1, np.count_nonzero(self.known))

    def at(self, rate: float) -> float:
        """The identification rate at a false-alarm rate of at most ``rate``; NaN if too few people are unknown."""
        if rate * np.count_nonzero(~self.known) < 1:
            return np.nan
        alarms, identified = self.curve()
        index = np.searchsorted(alarms, rate, side='right') - 1
        return float(identified[index]) if index >= 0 else 0.0

    def probabilities(self, calibration: Calibration, expected: float = 1.0) -> np.ndarray:
        """(Q, 3) probability of the best hit with its interval, if ``expected`` gallery images are of the person."""
        query, gallery = (np.array(modality) for modality in self.modalities)
        return calibration.probability(self.similarities, query, gallery, expected_prior(expected, self.searched))

    def answers(self, calibration: Calibration, min_probability: float) -> Answers:
        """Answer "nobody" to every query whose best hit has a lower probability."""
        named = self.probabilities(calibration)[:, 0] >= min_probability  # (Q,)
        return Answers(
            rejected=_share(~named, ~self.known),
            missed=_share(~named, self.known),
            nobody_right=_share(~self.known, ~named),
            named_right=_share(self.correct, named),
            named=float(named.mean()),
        )


def _share(of: np.ndarray, among: np.ndarray) -> float:
    return float(of[among].mean()) if among.any() else np.nan


class OtherCameras:
    """Search within one modality, drawn like SYSU-MM01's: an image of each identity and camera, ten trials.

    Args:
        modality (Modality): Of queries and gallery. A query does not see the images of its own camera.
    """

    name, trials = 'other cameras', range(10)

    def __init__(self, modality: Modality) -> None:
        self.modality = modality

    def draws(self, images: FeatureSet) -> list[tuple[np.ndarray, np.ndarray]]:
        """Indices of the queries and of the gallery of each trial."""
        groups = group_images(images, images.modalities == self.modality)
        return [(in_order(groups), draw_with_seed(groups, trial, shots=1)) for trial in self.trials]

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids) -> np.ndarray:
        """(Q, G) True where a query must not see a gallery image."""
        return query_camids[:, None] == gallery_camids


def open_set_hits(images: FeatureSet, protocol: CrossModalProtocol | OtherCameras, unknown: float = 0.5) -> OpenSetHits:
    """Remove people from the galleries of a protocol, and search.

    Args:
        images (FeatureSet): L2-normalised features.
        protocol (CrossModalProtocol | OtherCameras): Draws queries and galleries and states the camera rule.
        unknown (float): Share of the people who are removed from a gallery, drawn anew for each trial. Defaults to 0.5.

    Raises:
        ValueError: If queries or gallery are of both modalities.
    """
    draws = protocol.draws(images)
    modalities = [np.unique(images.modalities[rows]) for rows in draws[0]]  # of the queries, of the gallery
    if max(map(len, modalities)) > 1:
        raise ValueError(
            f'{protocol.name} mixes modalities, and each pair has a curve of its own: give another protocol.'
        )
    parts = []
    for trial, (query, gallery) in zip(protocol.trials, draws):
        people = np.random.default_rng(trial).permutation(np.unique(images.pids))
        kept = gallery[~np.isin(images.pids[gallery], people[: round(unknown * len(people))])]
        parts += [_search(images, protocol, query[rows], kept) for rows in query_blocks(len(query), len(kept))]
    columns = (np.concatenate(column) for column in zip(*parts))
    return OpenSetHits(*columns, (int(modalities[0][0]), int(modalities[1][0])))


def _search(
    images: FeatureSet, protocol: CrossModalProtocol | OtherCameras, query: np.ndarray, gallery: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Similarity and correctness of the best hit, whether the person is known, and how many images were searched."""
    labels = images.pids[query], images.camids[query], images.pids[gallery], images.camids[gallery]
    excluded = protocol.excluded(*labels)  # (q, G)
    seen = np.ones((len(query), len(gallery)), dtype=bool) if excluded is None else ~excluded
    cosines = np.where(seen, images.features[query] @ images.features[gallery].T, -np.inf)
    same = (images.pids[query][:, None] == images.pids[gallery]) & seen
    best = cosines.argmax(axis=1)
    rows = np.arange(len(query))
    asked = seen.any(axis=1)  # a camera rule may hide the whole gallery
    found = cosines[rows, best], same[rows, best], same.any(axis=1), seen.sum(axis=1)
    return tuple(part[asked] for part in found)
