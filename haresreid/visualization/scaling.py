"""Measured time of heads and layers of the transformer encoders, beside their multiply-accumulates (Table V)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['ScalingPoint', 'draw_scaling']

TICKS = (0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)


class ScalingPoint(NamedTuple):
    """One setting, relative to the reference of its batch size.

    Attributes:
        batch_size: Batch size; each has a panel.
        dtype: Type of the arithmetic, 'fp32' or 'bf16'; each has a colour.
        heads: Number of heads H.
        layers: Number of layers L.
        macs: Multiply-accumulates, relative to the reference.
        ratios: (R,) time of each round, relative to the reference.
    """

    batch_size: int
    dtype: str
    heads: int
    layers: int
    macs: float
    ratios: np.ndarray


@rc_context(STYLE)
def draw_scaling(points: Sequence[ScalingPoint], out_file: str | Path | None = None) -> Figure:
    """Draw a panel per batch size: a line per number of heads and layers, a dot per dtype at the median of its rounds.

    Bars span the middle half of the rounds. A grey tick shows the relative multiply-accumulates.

    Args:
        points (Sequence[ScalingPoint]): Settings, from top to bottom.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.

    Raises:
        ValueError: If there is no point.
    """
    if not points:
        raise ValueError('There is no point to draw: nothing was measured.')
    lines = list(dict.fromkeys((point.heads, point.layers) for point in points))
    batch_sizes = dict.fromkeys(point.batch_size for point in points)
    figure = Figure(figsize=(PAGE_WIDTH, 0.9 + 0.28 * len(lines)), layout='constrained')
    panels = figure.subplots(1, len(batch_sizes), sharex=True, sharey=True, squeeze=False)[0]
    for axes, batch_size in zip(panels, batch_sizes):
        _draw_panel(axes, [point for point in points if point.batch_size == batch_size], lines)
        axes.set(
            title=f'{batch_size} image{"s" if batch_size > 1 else ""} at a time',
            xlabel=f'time, relative to H={lines[0][0]}, L={lines[0][1]}, fp32',
        )
    panels[0].set_yticks(range(len(lines)), [f'H={heads}, L={layers}' for heads, layers in lines])
    panels[0].set_ylim(len(lines) - 0.5, -0.5)
    low, high = panels[0].get_xlim()
    panels[0].set_xticks([tick for tick in TICKS if low <= tick <= high])
    # a dtype may have been measured with one of the batch sizes only
    handles = {label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles, loc='outside lower center', ncols=len(handles), frameon=False)
    return save_figure(figure, out_file)


def _draw_panel(axes: Axes, points: Sequence[ScalingPoint], lines: list[tuple[int, int]]) -> None:
    axes.set_xscale('log')
    axes.xaxis.set_major_formatter('{x:g}')
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis='x', which='minor', length=0)
    axes.grid(axis='x')
    cost = {(point.heads, point.layers): point.macs for point in points}
    axes.plot(
        cost.values(),
        [lines.index(line) for line in cost],
        '|',
        color='.5',
        markersize=13,
        markeredgewidth=1.5,
        label='multiply-accumulates',
    )
    for number, dtype in enumerate(dict.fromkeys(point.dtype for point in points)):
        chosen = [point for point in points if point.dtype == dtype]
        low, median, high = np.array([np.percentile(point.ratios, (25, 50, 75)) for point in chosen]).T
        axes.errorbar(
            median,
            [lines.index((point.heads, point.layers)) for point in chosen],
            xerr=(median - low, high - median),
            fmt='os'[number % 2],
            color=COLOURS[number],
            capsize=2,
            elinewidth=0.8,
            label=dtype,
        )
