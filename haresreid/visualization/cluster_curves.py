"""The clusters of a training without labels over its course, from the scalars of :class:`ClusterHook`."""

import re
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from haresreid.choices import MODALITIES
from haresreid.files.text_files import read_records

from .style import COLOURS, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_cluster_curves', 'read_cluster_curves']

SHARES = {
    'unclustered': 'images in no cluster',
    'purity': "clustered images of their cluster's person",
    'matched': 'clusters with a partner',
    'right': 'partners of the same person',
}
KEY = re.compile(rf'clusters/({"|".join(MODALITIES)})_({"|".join(["clusters", *SHARES])})')
# (Modality, quantity) -> iteration -> value.
ClusterCurves = dict[tuple[str, str], dict[int, float]]


def read_cluster_curves(scalars: Sequence[str | Path]) -> ClusterCurves:
    """What a training logged of its clusters; empty for a training with labels.

    Args:
        scalars (Sequence[str | Path]): MMEngine's ``scalars.json`` of every start, oldest first. If a step was logged
            twice, the last value counts.
    """
    curves: ClusterCurves = {}
    for record in (record for file in scalars for record in read_records(file)):
        for match in filter(None, map(KEY.fullmatch, record)):
            curves.setdefault((match[1], match[2]), {})[record['step']] = record[match[0]]
    return curves


@rc_context(STYLE)
def draw_cluster_curves(curves: ClusterCurves, out_file: str | Path | None = None) -> Figure:
    """Draw the number of clusters, and the shares of :class:`ClusterQuality`, against the iteration.

    Args:
        curves (ClusterCurves): The result of :func:`read_cluster_curves`, not empty.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.
    """
    figure = Figure(figsize=(PAGE_WIDTH, 3.0), layout='constrained')
    numbers, shares = figure.subplots(1, 2)
    for modality, line in zip(MODALITIES, ('-', '--')):
        for colour, quantity in zip(COLOURS, ['clusters', *SHARES]):
            if (curve := curves.get((modality, quantity))) is None:
                continue
            steps, scale = sorted(curve), 1 if quantity == 'clusters' else 100
            (numbers if quantity == 'clusters' else shares).plot(
                steps,
                [scale * curve[step] for step in steps],
                label=f'{SHARES.get(quantity, quantity)}, {modality}',
                color=colour,
                linestyle=line,
                marker='o',
                clip_on=False,
            )
    numbers.set(title='clusters', xlabel='iteration', ylim=(0, None))
    shares.set(title='shares in percent', xlabel='iteration', ylim=(0, 100))
    for axes in (numbers, shares):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid()
    figure.legend(loc='outside lower center', ncols=2, frameon=False)
    return save_figure(figure, out_file)
