"""Rank-1 and mAP against lambda_3, the weight of the auxiliary loss (paper Fig. 6)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from haresreid.files.csv_files import read_csv
from haresreid.files.numbers import finite_number
from haresreid.files.paths import expand_home

from .style import COLOURS, COLUMN_WIDTH, PAGE_WIDTH, STYLE, save_figure

__all__ = ['LambdaPoint', 'draw_lambda_curves', 'read_lambda_points']

METRICS = {'R1': 'Rank-1', 'mAP': 'mAP'}
# Style of the first, second, ... source.
SOURCE_STYLES = (
    dict(linestyle='-', marker='o'),
    dict(linestyle='--', marker='s', markerfacecolor='white'),
    dict(linestyle=':', marker='^'),
)


class LambdaPoint(NamedTuple):
    """One trained model.

    Attributes:
        protocol: Such as 'sysu/all'; each has a panel.
        source: Origin of the metrics, 'ours' or 'paper'.
        lambda_3: The weight.
        R1: Rank-1 in percent.
        mAP: In percent.
    """

    protocol: str
    source: str
    lambda_3: float
    R1: float
    mAP: float


def read_lambda_points(file: str | Path) -> list[LambdaPoint]:
    """Read a CSV file with the columns protocol, source, lambda_3, R1, mAP.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a column is missing or a value is not a number; the message names the line.
    """
    file = expand_home(file)
    if not Path(file).is_file():
        raise FileNotFoundError(f'no table at {file}: give a CSV file with the columns {",".join(LambdaPoint._fields)}')
    points = []
    for line, cells in read_csv(file, LambdaPoint._fields):
        try:
            figures = [finite_number(cells[name], name) for name in LambdaPoint._fields[2:]]
        except ValueError as error:
            raise ValueError(f'{file}, line {line}: {error}') from None
        points.append(LambdaPoint(cells['protocol'], cells['source'], *figures))
    return points


@rc_context(STYLE)
def draw_lambda_curves(points: Sequence[LambdaPoint], out_file: str | Path | None = None) -> Figure:
    """Draw a panel per protocol, with a line per source and metric.

    Several points of one source at one weight are seeds. The line goes through their mean, and a bar spans them.

    Args:
        points (Sequence[LambdaPoint]): Models in any order.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.

    Raises:
        ValueError: If there is no point.
    """
    if not points:
        raise ValueError('There is no point to draw: the table is empty.')
    protocols = list(dict.fromkeys(point.protocol for point in points))
    sources = dict.fromkeys(point.source for point in points)
    columns = min(2, len(protocols))
    rows = -(-len(protocols) // columns)
    figure = Figure(figsize=(COLUMN_WIDTH if columns == 1 else PAGE_WIDTH, 2 * rows + 0.3), layout='constrained')
    panels = figure.subplots(rows, columns, squeeze=False).flat
    styles = {source: SOURCE_STYLES[number % len(SOURCE_STYLES)] for number, source in enumerate(sources)}
    for protocol, axes in zip(protocols, panels):
        _draw_panel(axes, protocol, [point for point in points if point.protocol == protocol], styles)
    for axes in panels:  # the last row may have one too many
        axes.set_visible(False)
    handles = [
        Line2D([], [], color=colour, label=f'{metric}, {source}', **styles[source])
        for source in sources
        for metric, colour in zip(METRICS.values(), COLOURS)
    ]
    figure.legend(handles=handles, loc='outside lower center', ncols=len(handles) if columns > 1 else 2, frameon=False)
    return save_figure(figure, out_file)


def _draw_panel(axes: Axes, protocol: str, points: list[LambdaPoint], styles: dict[str, dict]) -> None:
    for source, style in styles.items():
        for metric, colour in zip(METRICS, COLOURS):
            values = {}
            for point in points:
                if point.source == source:
                    values.setdefault(point.lambda_3, []).append(getattr(point, metric))
            weights = sorted(values)
            means = np.array([np.mean(values[weight]) for weight in weights])
            span = np.array([(min(values[weight]), max(values[weight])) for weight in weights]).reshape(-1, 2).T
            axes.errorbar(weights, means, yerr=abs(span - means), color=colour, capsize=2, elinewidth=0.8, **style)
    axes.set(title=protocol, xlabel='λ₃', ylabel='%')
    axes.set_xticks(sorted({point.lambda_3 for point in points}))
    axes.grid()
