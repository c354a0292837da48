"""Heat maps of rows by columns, one below the other."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .style import PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_heat_maps']

CELL = 0.17  # inches


@rc_context(STYLE)
def draw_heat_maps(
    panels: Mapping[str, ArrayLike],
    rows: Sequence[str],
    columns: Sequence[str],
    out_file: str | Path | None = None,
) -> Figure:
    """Draw a map for each panel: white is 0, red above, blue below, with the number in each cell.

    Args:
        panels (Mapping[str, ArrayLike]): Title -> (R, C) numbers.
        rows (Sequence[str]): R names, from top to bottom.
        columns (Sequence[str]): C names.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    panels = {title: np.asarray(values) for title, values in panels.items()}
    height = 0.35 + CELL * len(rows)
    longest = max(map(len, columns))
    figure = Figure(figsize=(PAGE_WIDTH, height * len(panels) + 0.065 * longest), layout='constrained')
    for axes, (title, values) in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels.items()):
        limit = max(np.abs(values).max(), 1e-9)
        axes.imshow(values, cmap='RdBu_r', vmin=-limit, vmax=limit, aspect='auto')
        axes.set(title=title, yticks=range(len(rows)), yticklabels=rows)
        axes.set_xticks(range(len(columns)), [''] * len(columns))
        axes.tick_params(length=0)
        for row, column in np.ndindex(values.shape):
            value = values[row, column]
            dark = abs(value) > 0.6 * limit
            axes.text(
                column, row, str(round(value)), ha='center', va='center', fontsize=5, color='white' if dark else 'black'
            )
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    return save_figure(figure, out_file)
