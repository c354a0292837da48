"""Training curves of one run or several, from the scalars that MMEngine logs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from haresreid.files.paths import expand_home
from haresreid.files.text_files import read_records

from .style import COLOURS, COLUMN_WIDTH, LINES, PAGE_WIDTH, STYLE, save_figure

__all__ = ['draw_training_curves']

# name -> {step: value}
Curves = dict[str, dict[int, float]]


@rc_context(STYLE)
def draw_training_curves(
    scalars: str | Path | Sequence[str | Path] | Mapping[str, Sequence[str | Path]], out_file: str | Path | None = None
) -> Figure:
    """Draw losses, training accuracy and, if a run was validated, its Rank-1, mAP and mINP.

    A single run has one panel for losses, one for accuracy, and so on. With several runs, each quantity has a panel
    with a line per run, and only the total loss is drawn.

    Args:
        scalars (str | Path | Sequence | Mapping): MMEngine's ``scalars.json`` (one JSON record per line). Several
            files, oldest first, are one resumed run; if a step was logged twice, the last value counts. A mapping gives
            such files by the name of the run.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.

    Raises:
        ValueError: If the files of a run hold no training loss.
    """
    if isinstance(scalars, Mapping):
        panels = _panels_of_runs({name: _read(files) for name, files in scalars.items()})
    else:
        panels = _panels_of_run(*_read([scalars] if isinstance(scalars, (str, Path)) else list(scalars)))
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = COLUMN_WIDTH if columns == 1 else PAGE_WIDTH
    figure = Figure(figsize=(width, 2.3 * rows + 0.3), layout='constrained')
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for panel, axes in zip(panels, grid):
        _draw_panel(axes, *panel)
    for axes in grid:  # the last row may have too many
        axes.set_visible(False)
    if isinstance(scalars, Mapping):
        runs = figure.axes[0].get_legend_handles_labels()
        figure.legend(*runs, loc='outside lower center', ncols=min(4, len(scalars)), frameon=False)
    else:
        for axes in figure.axes:
            axes.legend(loc='upper center', bbox_to_anchor=(0.5, -0.28), ncols=2, frameon=False)
    return save_figure(figure, out_file)


def _panels_of_run(training: Curves, validation: Curves) -> list[tuple[str, str, Curves]]:
    """Title, unit of the steps and curves of each panel."""
    losses = sorted((key for key in training if 'loss' in key), key=lambda key: key != 'loss')
    panels = [
        ('training loss', 'iteration', {key: training[key] for key in losses}),
        ('training accuracy', 'iteration', {key: curve for key, curve in training.items() if key.startswith('acc')}),
        ('validation (%)', 'epoch', validation),
    ]
    return [panel for panel in panels if panel[2]]


def _panels_of_runs(runs: Mapping[str, tuple[Curves, Curves]]) -> list[tuple[str, str, Curves]]:
    panels = []
    for kind, unit in enumerate(('iteration', 'epoch')):
        keys = dict.fromkeys(key for run in runs.values() for key in run[kind] if 'loss_' not in key)
        for key in keys:
            title = {'loss': 'training loss', 'acc_id': 'training accuracy'}.get(key, f'{key} (%)' if kind else key)
            panels.append((title, unit, {name: run[kind][key] for name, run in runs.items() if key in run[kind]}))
    return panels


def _read(files: Sequence[str | Path]) -> tuple[Curves, Curves]:
    """Losses and accuracies of training; Rank-1, mAP and mINP of validation."""
    training, validation = {}, {}
    for file in files:
        for record in read_records(expand_home(file)):
            step = record.pop('step', None)
            for key, value in record.items():
                if 'loss' in record and ('loss' in key or key.startswith('acc')):
                    training.setdefault(key, {})[step] = value
                elif 'loss' not in record and key.rsplit('/')[-1] in ('R1', 'mAP', 'mINP'):
                    validation.setdefault(key, {})[step] = value
    if 'loss' not in training:
        raise ValueError(f'No training loss in {", ".join(map(str, files))}; the run has logged nothing yet.')
    return training, validation


def _draw_panel(axes: Axes, title: str, unit: str, curves: Curves) -> None:
    for number, (key, curve) in enumerate(curves.items()):
        steps = sorted(curve)
        axes.plot(
            steps,
            [curve[step] for step in steps],
            label=key,
            color=COLOURS[number % len(COLOURS)],
            linestyle=LINES[number // len(COLOURS) % len(LINES)],
            # A single value is visible only as a mark.
            marker='o' if len(steps) < 20 else None,
            clip_on=False,  # a mark at zero is drawn whole
            linewidth=2 if key == 'loss' else 1.2,
        )
    axes.set(title=title, xlabel=unit)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.set_ylim(bottom=0)
    axes.grid()
