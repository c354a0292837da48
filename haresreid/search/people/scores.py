"""How much two tracks speak for one person, and which cannot be one."""

from collections.abc import Mapping

import numpy as np

from haresreid.structures import Calibration

from .tracks import Tracks

__all__ = ['PairScores']


class PairScores:
    """The score of any two tracks: cosine similarity, or with a calibration the log odds of one person.

    Two tracks of one camera that overlap in time cannot be one person, nor can two of cameras between which there is
    too little time. Unknown cameras and times rule out nothing.

    Args:
        tracks (Tracks): The tracks.
        calibration (Calibration, optional): Of the model that computed the features. Defaults to None.
        prior (float): The probability that any two tracks show one person; of a calibration. Defaults to 0.5.
        travel (Mapping, optional): Least seconds between two cameras, see :func:`read_travel_times`. Defaults to None.

    Raises:
        ValueError: If the modality of a track is unknown, or the calibration has no curve for a pair.
    """

    def __init__(
        self,
        tracks: Tracks,
        calibration: Calibration | None = None,
        prior: float = 0.5,
        travel: Mapping[tuple[int, int], float] | None = None,
    ):
        self._tracks, self._calibration, self._prior = tracks, calibration, prior
        cameras, self._place = np.unique(tracks.cameras, return_inverse=True)  # (C,), (T,)
        self._least = np.full((len(cameras), len(cameras)), -np.inf)
        np.fill_diagonal(self._least, np.where(cameras < 0, -np.inf, np.nextafter(0, 1)))  # one ends, then one begins
        for (one, other), seconds in (travel or {}).items():
            pair = np.searchsorted(cameras, (one, other))
            if (pair < len(cameras)).all() and (cameras[pair] == (one, other)).all():
                self._least[tuple(pair)] = max(self._least[tuple(pair)], seconds)
                self._least[tuple(pair[::-1])] = self._least[tuple(pair)]
        if calibration:
            calibration.require_pairs(tracks.modalities)

    def __call__(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(n, m) float64 scores of tracks (n,) and (m,); -inf where they cannot be one person."""
        tracks, left = self._tracks, rows[:, None]
        scores = (tracks.features[rows] @ tracks.features[others].T).astype(np.float64)  # (n, m)
        if self._calibration:
            modalities = tracks.modalities
            scores = self._calibration.log_odds(scores, modalities[left], modalities[others], self._prior)
        gaps = np.maximum(tracks.first[others] - tracks.last[left], tracks.first[left] - tracks.last[others])
        scores[gaps < self._least[self._place[left], self._place[others]]] = -np.inf
        return scores
