"""A chart of the cost of each stage of HAResformer (Table V gives their total)."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from haresreid.costs.complexity import Cost
from haresreid.costs.stage_costs import PARTS, UNCOUNTED

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_stage_costs']


@rc_context(STYLE)
def draw_stage_costs(costs: Mapping[str, Mapping[str, Cost]], out_file: str | Path | None = None) -> Figure:
    """Draw multiply-accumulates and parameters, a bar per stage; hatched is what the paper's rule leaves out.

    Args:
        costs (Mapping): The result of :func:`haresreid.costs.stage_costs.stage_costs`.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    figure = Figure(figsize=(PAGE_WIDTH, 2.4), layout='constrained')
    panels = figure.subplots(1, 2)
    for axes, key, unit, scale in zip(panels, ('macs', 'params'), ('GMACs', 'million parameters'), (1e9, 1e6)):
        values = {
            part: [getattr(stage.get(part, Cost()), key) / scale for stage in costs.values()]
            for part in (*PARTS, UNCOUNTED)
        }
        bottom = [0.0] * len(costs)
        for part, colour in zip((*PARTS, UNCOUNTED), (*COLOURS[:3], 'white')):
            hatched = dict(hatch='////', edgecolor='.4') if part == UNCOUNTED else dict(edgecolor='white')
            axes.bar(list(costs), values[part], bottom=bottom, label=part, color=colour, linewidth=0.5, **hatched)
            bottom = [below + value for below, value in zip(bottom, values[part])]
        for position, top in enumerate(bottom):
            axes.annotate(f'{top:.2f}', (position, top), (0, 2), textcoords='offset points', ha='center', fontsize=7)
        counted = sum(sum(values[part]) for part in PARTS)
        axes.set(title=f"{counted:.2f} by the paper's rule, {sum(values[UNCOUNTED]):.2f} beyond it", ylabel=unit)
        axes.margins(y=0.12)
    figure.legend(*panels[0].get_legend_handles_labels(), loc='outside lower center', ncols=4, frameon=False)
    return save_figure(figure, out_file)
