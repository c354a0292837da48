"""Figures of robustness as a Markdown page and as CSV."""

from collections.abc import Mapping, Sequence

import numpy as np

from haresreid.files.csv_files import csv_text
from haresreid.files.markdown import markdown_table

from .robustness import CLEAN, METRICS, Figures

__all__ = ['as_csv', 'as_markdown', 'drops']

DRAWN = '/any'


def drops(models: Mapping[str, Figures], protocol: str, metric: str) -> np.ndarray:
    """(models, conditions) percent points that each condition costs, the mean over the repeats."""
    means = np.array([[np.mean(found[protocol][metric]) for found in figures.values()] for figures in models.values()])
    return 100 * (means[:, :1] - means[:, 1:])  # the first one is the clean set


def as_markdown(models: Mapping[str, Figures]) -> str:
    """A section for each protocol: the clean set and the drawn corruptions of all models, then every corruption."""
    return '\n'.join(part for protocol in _protocols(models) for part in _section(models, protocol))


def _protocols(models: Mapping[str, Figures]) -> list[str]:
    return list(next(iter(models.values()))[CLEAN])


def _section(models: Mapping[str, Figures], protocol: str) -> list[str]:
    rows = [(model, name, found[protocol]) for model, figures in models.items() for name, found in figures.items()]
    short = [row for row in rows if row[1] == CLEAN or row[1].endswith(DRAWN)]
    return [
        f'## {protocol}',
        '',
        'Percent, mean ± standard deviation over the repeats; the last column is what the condition costs in Rank-1.',
        '',
        _table(models, protocol, short),
        '',
        '### Every corruption',
        '',
        _table(models, protocol, [row for row in rows if row not in short]),
        '',
    ]


def _table(models: Mapping[str, Figures], protocol: str, rows: Sequence[tuple[str, str, dict]]) -> str:
    head = ['model', 'condition', *METRICS, 'drop']
    lines = []
    for model, name, found in rows:
        clean = models[model][CLEAN][protocol]['R1'][0]
        drop = '' if name == CLEAN else f'{100 * (clean - np.mean(found["R1"])):.2f}'
        lines.append([model, name, *(_cell(found[metric]) for metric in METRICS), drop])
    return markdown_table([head, *lines], 2)


def _cell(values: Sequence[float]) -> str:
    mean, std = 100 * np.mean(values), 100 * np.std(values)
    return f'{mean:.2f} ± {std:.2f}' if len(values) > 1 else f'{mean:.2f}'


def as_csv(models: Mapping[str, Figures]) -> str:
    """A line for each model, protocol, condition, metric and repeat; values are fractions."""
    return csv_text(
        [
            ('model', 'protocol', 'condition', 'metric', 'repeat', 'value'),
            *(
                (model, protocol, name, metric, repeat, f'{value:.6f}')
                for model, figures in models.items()
                for name, found in figures.items()
                for protocol, metrics in found.items()
                for metric, values in metrics.items()
                for repeat, value in enumerate(values)
            ),
        ]
    )
