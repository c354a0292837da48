"""All figures of a calibration, on people on whom it was not fitted."""

from dataclasses import dataclass

from haresreid.structures import Modality
from haresreid.structures.calibration import MODALITY_PAIRS, Calibration

from ..feature_set import FeatureSet
from ..protocols import CrossModalProtocol
from .open_set import Answers, OpenSetHits, OtherCameras, open_set_hits
from .pairs import count_pairs
from .reliability import Reliability, reliability, reliability_of_pairs
from .verification import Verification, verify_pairs

__all__ = ['MIN_PROBABILITIES', 'CalibrationFigures', 'SearchFigures', 'measure_calibration']

MIN_PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95)


@dataclass(frozen=True)
class SearchFigures:
    """Search with half of the people unknown.

    Attributes:
        hits (OpenSetHits): The best hits.
        reliability (Reliability): Of their probabilities, if one image of the person is expected in the gallery.
        answers (dict[float, Answers]): By least probability.
    """

    hits: OpenSetHits
    reliability: Reliability
    answers: dict[float, Answers]


@dataclass(frozen=True)
class CalibrationFigures:
    """What a calibration is worth; each by pair of modalities.

    Attributes:
        verification (dict[str, Verification]): Decisions about two images.
        reliability (dict[str, Reliability]): Of the probabilities, if every second pair of images is of one person.
        search (dict[str, SearchFigures]): Across modalities by a protocol, within one by :class:`OtherCameras`.
    """

    verification: dict[str, Verification]
    reliability: dict[str, Reliability]
    search: dict[str, SearchFigures]


def measure_calibration(
    calibration: Calibration, images: FeatureSet, protocol: CrossModalProtocol
) -> CalibrationFigures:
    """Measure a calibration.

    Args:
        calibration (Calibration): Fitted on other people.
        images (FeatureSet): L2-normalised features.
        protocol (CrossModalProtocol): Draws queries and galleries of the open-set search.

    Raises:
        ValueError: If the images have no pairs of the calibration's modalities, or it has no curve for the protocol.
    """
    pairs = {name: counted for name, counted in count_pairs(images).items() if name in calibration.curves}
    across = open_set_hits(images, protocol)
    if across.pair not in pairs:
        raise ValueError(
            f'{protocol.name} compares {across.pair} images; the calibration has curves of '
            f'{", ".join(calibration.curves)}, and the images pairs of {", ".join(pairs) or "none of these"}.'
        )
    within = [open_set_hits(images, OtherCameras(each)) for each in Modality if MODALITY_PAIRS[2 * each] in pairs]
    return CalibrationFigures(
        {name: verify_pairs(counted) for name, counted in pairs.items()},
        {name: reliability_of_pairs(counted, calibration.curves[name]) for name, counted in pairs.items()},
        {hits.pair: _search_figures(hits, calibration) for hits in (across, *within)},
    )


def _search_figures(hits: OpenSetHits, calibration: Calibration) -> SearchFigures:
    return SearchFigures(
        hits,
        reliability(hits.probabilities(calibration)[:, 0], hits.correct),
        {least: hits.answers(calibration, least) for least in MIN_PROBABILITIES},
    )
