"""A chart of a :class:`BranchReport`: HAResformer's branches, stage by stage."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from haresreid.analysis import BranchReport

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_branches']

# Above this spread, a branch counts as telling images apart.
ALIVE = 0.1
# For values from 0 to 1.
ROOM_FOR_LEGEND = dict(ylim=(0, 1.5), yticks=(0, 0.5, 1))


@rc_context(STYLE)
def draw_branches(report: BranchReport, out_file: str | Path | None = None) -> Figure:
    """Draw spreads, the residual stream, attention, gradients and what retrieval owes to the branches.

    Args:
        report (BranchReport): The report of a trained model. If it has several protocols, the first is drawn.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    figure = Figure(figsize=(PAGE_WIDTH, 4.2), layout='constrained')
    panels = figure.subplot_mosaic([['spread', 'stream', 'attention'], ['gradients', 'retrieval', 'retrieval']])
    numbers = [f'S{stage}' for stage in range(1, len(report.stages) + 1)]

    def values(stages: Sequence, **fields: str) -> dict[str, list[float]]:
        return {label: [getattr(stage, name) for stage in stages] for name, label in fields.items()}

    _draw_bars(
        panels['spread'],
        numbers,
        values(report.stages, cls_spread='class token', patch_spread='patch map', fused_spread='fused map'),
    )
    panels['spread'].axhline(ALIVE, color='.3', linestyle='--', linewidth=0.8)
    panels['spread'].set(title='spread between images / size', **ROOM_FOR_LEGEND)
    streams = dict(tokens='tokens', attention='attention', mlp='MLP')
    _draw_bars(
        panels['stream'],
        numbers,
        {label: [getattr(stage, name).rms for stage in report.stages] for name, label in streams.items()},
    )
    panels['stream'].set(title='residual stream, rms', yscale='log')
    _draw_bars(
        panels['attention'],
        numbers,
        values(
            report.stages,
            patch_entropy='entropy of patches',
            cls_entropy='of class token',
            cls_self_weight='class token on itself',
        ),
    )
    panels['attention'].set(title='attention', **ROOM_FOR_LEGEND)
    panels['gradients'].set(title='gradient norm of a training batch')
    if report.gradients is None:
        panels['gradients'].text(0.5, 0.5, 'no classifier in\nthe checkpoint', ha='center', va='center')
        panels['gradients'].set_axis_off()
    else:
        _draw_bars(panels['gradients'], numbers, values(report.gradients, re='RE', te='TE'))
    protocol, rows = next(iter(report.retrieval.items()))
    _draw_bars(panels['retrieval'], list(rows), values(list(rows.values()), rank1='Rank-1', mean_ap='mAP'))
    panels['retrieval'].set(title=f'{protocol}: outputs of TE held at their means (%)')
    return save_figure(figure, out_file)


def _draw_bars(axes: Axes, groups: list[str], bars: Mapping[str, Sequence[float]]) -> None:
    """Draw a group of bars at each place, one bar per entry of ``bars``."""
    width = 0.8 / len(bars)
    for index, (label, heights) in enumerate(bars.items()):
        places = np.arange(len(groups)) + (index - (len(bars) - 1) / 2) * width
        axes.bar(places, heights, width, label=label, color=COLOURS[index])
    axes.set_xticks(range(len(groups)), groups)
    axes.margins(y=0.15)
    axes.legend()
