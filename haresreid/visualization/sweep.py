"""What a sweep found: which choices matter, and the trials in their order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_sweep']


@rc_context(STYLE)
def draw_sweep(
    importances: Mapping[str, float], values: Sequence[float], metric: str, out_file: str | Path | None = None
) -> Figure:
    """Draw the importance of each choice as a bar, and the result of each trial with the best until then as a line.

    Args:
        importances (Mapping[str, float]): By choice, its share of one, from the most to the least.
        values (Sequence[float]): (T,) results of the trials in percent; NaN for one without.
        metric (str): Whose results they are.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    values = np.asarray(values, dtype=float)
    figure = Figure(figsize=(PAGE_WIDTH, max(1.8, 0.5 + 0.22 * len(importances))), layout='constrained')
    bars, course = figure.subplots(1, 2)
    bars.barh(list(importances), importances.values(), color=COLOURS[0])
    bars.invert_yaxis()
    bars.set(xlabel='importance', xlim=(0, 1.12))
    for row, share in enumerate(importances.values()):
        bars.text(share + 0.01, row, f'{share:.2f}', va='center', fontsize=7)
    numbers = np.arange(len(values))
    course.plot(numbers, values, 'o', color=COLOURS[0], label='a trial')
    course.step(numbers, np.fmax.accumulate(values), where='post', color=COLOURS[1], label='the best until then')
    course.set(xlabel='trial', ylabel=f'{metric} (%)')
    course.xaxis.set_major_locator(MaxNLocator(integer=True))
    course.legend()
    return save_figure(figure, out_file)
