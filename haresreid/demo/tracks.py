"""Rank the tracks of a gallery for an image, and time each step."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from haresreid.apis import VIReIDInferencer
from haresreid.apis.inferencer import guess_modality
from haresreid.search import Gallery, Hits
from haresreid.search.audit import Audit
from haresreid.search.filters import time_bound
from haresreid.search.probability import hit_probabilities
from haresreid.structures import Calibration, Modality
from haresreid.structures.calibration import expected_prior

__all__ = ['Conditions', 'FoundTracks', 'TrackSearch']


@dataclass(frozen=True)
class Conditions:
    """Which tracks a visitor looks for.

    Attributes:
        cameras (Sequence[int]): One of these; any if there is none. Defaults to none.
        since (str): That time or later, ISO 8601; '' is any. Defaults to ''.
        until (str): Before that time. Defaults to ''.
        least (float): The least probability. Defaults to 0.
        top (int): At most so many. Defaults to 10.
    """

    cameras: Sequence[int] = ()
    since: str = ''
    until: str = ''
    least: float = 0.0
    top: int = 10

    def filters(self) -> dict:
        """Of a query, without the probability.

        Raises:
            ValueError: If a time is none.
        """
        times = {name: time_bound(getattr(self, name)) for name in ('since', 'until') if getattr(self, name).strip()}
        return dict(times, cameras=list(self.cameras) or None)


@dataclass(frozen=True)
class FoundTracks:
    """The results of one query.

    Attributes:
        modality (Modality): The query's, given or guessed.
        feature (np.ndarray): (D,) of the query.
        hits (Hits): Of this one query, k of them.
        chances (np.ndarray, optional): (k, 3) probability with its interval; None without a calibration.
        milliseconds (dict[str, float]): Time of each step.
    """

    modality: Modality
    feature: np.ndarray
    hits: Hits
    chances: np.ndarray | None
    milliseconds: dict[str, float] = field(default_factory=dict)

    def shown(self, least: float) -> list[int]:
        """The hits that are so probable; all if there is no such condition."""
        if not least or self.chances is None:
            return list(range(len(self.hits.paths[0])))
        return np.flatnonzero(self.chances[:, 0] >= least).tolist()


@dataclass(frozen=True)
class TrackSearch:
    """A gallery, the model of its features, and what its similarities mean.

    Attributes:
        index (Gallery): The gallery.
        inferencer (VIReIDInferencer): Of the model.
        calibration (Calibration, optional): Of the model. Defaults to None.
        expected (float): Tracks of a person that are expected in the gallery. Defaults to 1.
        audit (Audit, optional): Where queries are written down. Defaults to None: nowhere.
    """

    index: Gallery
    inferencer: VIReIDInferencer
    calibration: Calibration | None = None
    expected: float = 1.0
    audit: Audit | None = None

    def find(
        self, image: np.ndarray, modality: Modality | None, conditions: Conditions, name: str = 'an image'
    ) -> FoundTracks:
        """Rank the gallery for an image.

        Args:
            image (np.ndarray): (H, W, 3) uint8 RGB.
            modality (Modality, optional): None guesses it from colour.
            conditions (Conditions): Which tracks may be found.
            name (str): Of the image, in the audit. Defaults to 'an image'.

        Raises:
            OSError: The audit cannot be written.
            ValueError: A condition is invalid, or the model's feature is not finite.
        """
        filters = conditions.filters()
        start = time.perf_counter()
        modality = guess_modality(image) if modality is None else modality
        feature = self.inferencer(image, modality).features[0]
        extracted = time.perf_counter()
        hits = self.index.query(feature, conditions.top, **filters)
        spent = dict(features=extracted - start, search=time.perf_counter() - extracted)
        chances = None
        if self.calibration:
            prior = expected_prior(self.expected, len(self.index))
            chances = hit_probabilities(self.calibration, hits, np.array([modality]), prior)[0]
        milliseconds = {step: 1000 * value for step, value in spent.items()}
        found = FoundTracks(modality, feature, hits, chances, milliseconds)
        if self.audit:
            asked = dict(filters, top=conditions.top, min_probability=conditions.least or None)
            self.audit.write([name], [len(found.shown(conditions.least))], **asked)
        return found

    def of_person(self, found: FoundTracks, rank: int, most: int) -> Hits | None:
        """Other tracks of the person of a hit; None if nobody has been assigned to it."""
        person = found.hits.columns.get('person', np.array([[]]))[0][rank : rank + 1]
        if not len(person) or person[0] < 0:
            return None
        hits = self.index.query(found.feature, most, where=f'person = {person[0]}')
        if self.audit:
            self.audit.write([f'person {person[0]}'], [len(hits.paths[0])], top=most)
        return hits
