"""HAResformer's branches over the course of a training, from the scalars of :class:`BranchHook`."""

import re
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from haresreid.files.text_files import read_records

from .branches import ALIVE
from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_branch_curves', 'read_branch_curves']

PANELS = {'cls_spread': 'class token', 'patch_spread': 'patch map', 'fused_spread': 'fused map'}
KEY = re.compile(rf'branches/({"|".join(PANELS)})_(\d+)')
# Key of PANELS -> stage -> iteration -> spread over size.
BranchCurves = dict[str, dict[int, dict[int, float]]]


def read_branch_curves(scalars: Sequence[str | Path]) -> BranchCurves:
    """The spreads that a training logged; empty for a model without transformer encoders.

    Args:
        scalars (Sequence[str | Path]): MMEngine's ``scalars.json`` of every start, oldest first. If a step was logged
            twice, the last value counts.
    """
    curves: BranchCurves = {}
    for record in (record for file in scalars for record in read_records(file)):
        for match in filter(None, map(KEY.fullmatch, record)):
            curve = curves.setdefault(match[1], {}).setdefault(int(match[2]), {})
            curve[record['step']] = record[match[0]]
    return curves


@rc_context(STYLE)
def draw_branch_curves(curves: BranchCurves, out_file: str | Path | None = None) -> Figure:
    """Draw the spread between images of class token, patch map and fused map against the iteration, a line a stage.

    Args:
        curves (BranchCurves): The result of :func:`read_branch_curves`, not empty.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    figure = Figure(figsize=(PAGE_WIDTH, 2.4), layout='constrained')
    for axes, (key, title) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items()):
        for colour, (stage, curve) in zip(COLOURS, sorted(curves.get(key, {}).items())):
            steps = sorted(curve)
            axes.plot(
                steps, [curve[step] for step in steps], label=f'stage {stage}', color=colour, marker='o', clip_on=False
            )  # a mark at zero is drawn whole
        axes.axhline(ALIVE, color='.3', linestyle='--', linewidth=0.8)
        axes.set(title=title, xlabel='iteration', ylim=(0, 1))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid()
    figure.axes[0].set_ylabel('spread between images / size')
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc='outside lower center', ncols=4, frameon=False)
    return save_figure(figure, out_file)
