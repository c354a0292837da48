"""What the similarity of two images says about whether they show one person, and the file that keeps it."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from haresreid.files.files import write_json
from haresreid.files.text_files import read_json

__all__ = ['MODALITY_PAIRS', 'Calibration', 'Curve', 'expected_prior']

# The number of a pair is the sum of its modalities' numbers.
MODALITY_PAIRS = ('visible-visible', 'visible-infrared', 'infrared-infrared')


@dataclass(frozen=True)
class Curve:
    """The evidence of a similarity s: ln p(s | one person) - ln p(s | two people), linear between K points.

    Args:
        similarities (list[float]): K ascending cosine similarities. Beyond them the curve is flat.
        log_ratios (list[float]): K log-likelihood ratios.
        low (list[float]): Lower ends of their intervals.
        high (list[float]): Upper ends.

    Raises:
        ValueError: If the lists differ in length or are empty, a number is not finite, the similarities do not ascend,
            or a curve falls.
    """

    similarities: list[float]
    log_ratios: list[float]
    low: list[float]
    high: list[float]

    def __post_init__(self) -> None:
        columns = {part.name: np.asarray(getattr(self, part.name), dtype=np.float64) for part in fields(self)}
        if len({column.shape for column in columns.values()}) > 1 or not columns['low'].size:
            raise ValueError('a curve needs as many log_ratios, low and high as similarities, and at least one')
        for name, column in columns.items():
            if not np.isfinite(column).all() or (np.diff(column) < 0).any():
                raise ValueError(f'{name} of a curve must be finite and must not fall')

    def log_ratio(self, similarities: np.ndarray) -> np.ndarray:
        """The log-likelihood ratio with both ends of its interval: (...) -> (..., 3)."""
        return np.stack(
            [np.interp(similarities, self.similarities, end) for end in (self.log_ratios, self.low, self.high)], axis=-1
        )


@dataclass(frozen=True)
class Calibration:
    """From similarities to probabilities. A curve holds for images like those that it was fitted on.

    Args:
        curves (dict[str, Curve]): By the name of a pair in ``MODALITY_PAIRS``.
        info (dict): Where it comes from; JSON values only. ``calibrate`` records ``method``, ``level`` of the
            intervals, ``people``, ``data`` and ``checkpoint``.

    Raises:
        ValueError: If there is no curve, or one of an unknown pair.
    """

    curves: dict[str, Curve]
    info: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.curves) - set(MODALITY_PAIRS)
        if unknown or not self.curves:
            raise ValueError(
                f'a calibration has curves of {", ".join(MODALITY_PAIRS)}, not of '
                f'{", ".join(sorted(unknown)) or "nothing"}'
            )

    def probability(
        self, similarities: np.ndarray, query: np.ndarray, gallery: np.ndarray, prior: np.ndarray | float
    ) -> np.ndarray:
        """The probability that two images show one person, with both ends of its interval.

        By Bayes' rule the log odds are those of the prior plus the log-likelihood ratio.

        Args:
            similarities (np.ndarray): (...) cosine similarities.
            query (np.ndarray): Modalities of the one image, broadcast to (...): 0 visible, 1 infrared, -1 unknown.
            gallery (np.ndarray): Modalities of the other.
            prior (np.ndarray | float): The probability before the images are seen, above 0 and below 1; broadcast.

        Returns:
            np.ndarray: (..., 3) probability, lower end, upper end; NaN where a modality is unknown or has no curve.
        """
        similarities, query, gallery, prior = np.broadcast_arrays(similarities, query, gallery, prior)
        pairs = _pair_numbers(query, gallery)
        log_odds = np.full((*similarities.shape, 3), np.nan)
        for name, curve in self.curves.items():
            chosen = pairs == MODALITY_PAIRS.index(name)
            log_odds[chosen] = curve.log_ratio(similarities[chosen])
        log_odds += (np.log(prior) - np.log1p(-prior))[..., None]
        return 1 / (1 + np.exp(-log_odds))

    def log_odds(self, similarities: np.ndarray, query: np.ndarray, gallery: np.ndarray, prior: float) -> np.ndarray:
        """The log odds of :meth:`probability` without their interval, for many pairs: (...) float64."""
        pairs = np.broadcast_to(_pair_numbers(query, gallery), similarities.shape)
        log_odds = np.full(similarities.shape, np.nan)
        for name, curve in self.curves.items():
            chosen = pairs == MODALITY_PAIRS.index(name)
            log_odds[chosen] = np.interp(similarities[chosen], curve.similarities, curve.log_ratios)
        return log_odds + (np.log(prior) - np.log1p(-prior))

    def require_pairs(self, modalities: np.ndarray) -> None:
        """Require a curve for any two of these images.

        Args:
            modalities (np.ndarray): (N,) 0 visible, 1 infrared, -1 unknown.

        Raises:
            ValueError: If a modality is unknown, or a curve is missing.
        """
        unknown = int(np.count_nonzero(modalities < 0))
        if unknown:
            raise ValueError(f'The modality of {unknown} of {len(modalities)} is unknown, and a calibration needs it.')
        kinds = np.unique(modalities)
        for name in (MODALITY_PAIRS[pair] for pair in np.unique(kinds[:, None] + kinds).tolist()):
            if name not in self.curves:
                raise ValueError(f'The calibration has no curve for {name} pairs: it has {", ".join(self.curves)}.')

    def save(self, path: str | Path) -> None:
        """Write it as JSON."""
        write_json(path, dict(info=self.info, curves={name: asdict(curve) for name, curve in self.curves.items()}))

    @classmethod
    def load(cls, path: str | Path) -> 'Calibration':
        """Read what :meth:`save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it holds something else.
        """
        if not Path(path).is_file():
            raise FileNotFoundError(f'There is no calibration {path}: write one with haresreid calibrate.')
        content: Any = read_json(path)
        try:
            return cls({name: Curve(**curve) for name, curve in content['curves'].items()}, dict(content['info']))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f'{path} is no calibration that haresreid calibrate wrote ({type(error).__name__}: {error}).'
            ) from error


def _pair_numbers(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Positions in ``MODALITY_PAIRS``; -1 where a modality is unknown."""
    return np.where((query < 0) | (gallery < 0), -1, query + gallery)


def expected_prior(expected: float, gallery: np.ndarray | int) -> np.ndarray:
    """The prior of one pair in a search: the expected share of the gallery's images that show the query's person.

    Args:
        expected (float): Images of the person that are expected in the gallery, before anything is seen: 0.5 if half of
            the queries are of people whom it lacks, and it holds one image of each other one.
        gallery (np.ndarray | int): Images in the gallery.

    Returns:
        np.ndarray: At most one half, so that one image in a gallery of one is no certainty.

    Raises:
        ValueError: If ``expected`` is not above 0.
    """
    if not 0 < expected < np.inf:
        raise ValueError(f'The number of expected images or tracks must be above 0, not {expected}.')
    return np.minimum(expected / np.maximum(gallery, 1), 0.5)
