"""What a calibration is worth: reliability diagrams, DET curves, and search with unknown people."""

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from haresreid.evaluation.calibration import CalibrationFigures

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_calibration']

PERCENT = (0.01, 1, 10, 50), (1, 5, 20, 50, 80, 95, 99)  # ticks of the DET curve
MARKERS = 'osD'


@rc_context(STYLE)
def draw_calibration(figures: CalibrationFigures, out_file: str | Path | None = None) -> Figure:
    """Draw four panels, a line for each pair of modalities.

    A reliability diagram of pairs, every second of one person; one of the best hits of searches, half of the people
    unknown; the DET curve (Martin et al., "The DET Curve in Assessment of Detection Task Performance", Eurospeech
    1997), whose axes are normal deviates; and the identification rate over the false-alarm rate.

    Args:
        figures (CalibrationFigures): Of :func:`haresreid.evaluation.calibration.measure_calibration`.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    figure = Figure(figsize=(PAGE_WIDTH, 2.3), layout='constrained')
    pairs, hits, det, search = figure.subplots(1, 4)
    for number, name in enumerate(figures.verification):
        style = dict(color=COLOURS[number], label=name)
        _draw_reliability(pairs, figures.reliability[name], marker=MARKERS[number], **style)
        _draw_det(det, figures.verification[name], **style)
        if name in figures.search:
            _draw_reliability(hits, figures.search[name].reliability, marker=MARKERS[number], **style)
            search.step(*figures.search[name].hits.curve(), where='post', **style)
    for axes, title in ((pairs, 'pairs'), (hits, 'best hits')):
        axes.plot([0, 1], [0, 1], color='.5', linewidth=0.8, linestyle=':')
        axes.set(title=f'reliability of {title}', xlabel='stated probability', ylabel='share of one person')
    det.set(title='DET', xlabel='false positives (%)', ylabel='false negatives (%)')
    for axis, ticks in zip((det.xaxis, det.yaxis), PERCENT):
        axis.set_ticks(ndtri(np.array(ticks) / 100), [f'{percent:g}' for percent in ticks])
    det.set(xlim=ndtri([5e-5, 0.6]), ylim=ndtri([0.01, 0.9995]))
    search.set(title='search', xlabel='false-alarm rate', ylabel='identification rate', xscale='log', ylim=(0, 1))
    search.set_xlim(3e-3, 1)
    for axes in (pairs, hits, det, search):
        axes.grid()
    figure.legend(*pairs.get_legend_handles_labels(), loc='outside lower center', ncols=3, frameon=False)
    return save_figure(figure, out_file)


def _draw_reliability(axes: Axes, found, **style) -> None:
    filled = found.weights > 0
    axes.plot(found.stated[filled], found.observed[filled], clip_on=False, **style)


def _draw_det(axes: Axes, found, **style) -> None:
    """Only as far as there is an error to count."""
    shown = (found.false_positives > 0) & (found.true_positives < 1)
    axes.plot(ndtri(found.false_positives[shown]), ndtri(1 - found.true_positives[shown].clip(1e-9)), **style)
