"""The figures of a calibration as tables, the first row the head."""

import numpy as np

from .measure import CalibrationFigures
from .verification import FALSE_POSITIVE_RATES

__all__ = ['FALSE_ALARM_RATES', 'answers_rows', 'open_set_rows', 'verification_rows']

FALSE_ALARM_RATES = (0.1, 0.01)


def verification_rows(figures: CalibrationFigures) -> list[list[str]]:
    """A row for each pair of modalities: error rates, and the expected calibration error."""
    head = ['images', 'pairs of one person', 'of two', *(f'TPR at FPR {rate:g}' for rate in FALSE_POSITIVE_RATES)]
    rows = [
        [
            name,
            f'{found.same:,}',
            f'{found.different:,}',
            *(_percent(found.at(rate)[0]) for rate in FALSE_POSITIVE_RATES),
            _percent(found.equal_error_rate),
            _percent(figures.reliability[name].error),
        ]
        for name, found in figures.verification.items()
    ]
    return [[*head, 'EER', 'ECE'], *rows]


def open_set_rows(figures: CalibrationFigures) -> list[list[str]]:
    """A row for each search: closed-set Rank-1, identification rates, and the ECE of the best hits."""
    head = [
        'search',
        'Rank-1 of known',
        *(f'identified at FAR {rate:g}' for rate in FALSE_ALARM_RATES),
        'ECE of best hits',
    ]
    rows = [
        [
            name,
            _percent(found.hits.correct[found.hits.known].mean()),
            *(_percent(found.hits.at(rate)) for rate in FALSE_ALARM_RATES),
            _percent(found.reliability.error),
        ]
        for name, found in figures.search.items()
    ]
    return [head, *rows]


def answers_rows(figures: CalibrationFigures) -> list[list[str]]:
    """A row for each search and least probability."""
    head = ['search', 'at least', '"nobody" right', 'unknown rejected', 'known missed', 'named', 'named right']
    rows = [
        [name, f'{least:g}', *map(_percent, (got.nobody_right, got.rejected, got.missed, got.named, got.named_right))]
        for name, found in figures.search.items()
        for least, got in found.answers.items()
    ]
    return [head, *rows]


def _percent(share: float) -> str:
    return '–' if np.isnan(share) else f'{100 * share:.2f}'
