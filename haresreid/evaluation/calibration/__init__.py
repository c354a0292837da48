"""Is it the same person? From similarities to probabilities, verification, and search that may answer "nobody"."""

from .fit import METHODS, fit_calibration
from .measure import CalibrationFigures, measure_calibration
from .open_set import OpenSetHits, open_set_hits
from .pairs import PairCounts, count_pairs, split_people
from .reliability import Reliability, reliability, reliability_of_pairs
from .verification import Verification, verify_pairs

__all__ = [
    'METHODS',
    'CalibrationFigures',
    'OpenSetHits',
    'PairCounts',
    'Reliability',
    'Verification',
    'count_pairs',
    'fit_calibration',
    'measure_calibration',
    'open_set_hits',
    'reliability',
    'reliability_of_pairs',
    'split_people',
    'verify_pairs',
]
