"""Curves of a run from the scalars that MMEngine logs."""

import json
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

__all__ = ['draw_training_curves']

# Okabe and Ito's palette without its yellow, which white paper swallows.
COLOURS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000')
LINES = ('-', '--', ':')


def draw_training_curves(scalars: str | Path | Sequence[str | Path], out_file: str | Path) -> None:
    """Draw losses, training accuracy and, where a run validated, its Rank-1, mAP and mINP.

    Args:
        scalars (str | Path | Sequence): MMEngine's ``scalars.json`` (one JSON record per line). Several files, oldest
            first, are one run that was resumed: a step logged twice counts as logged last.
        out_file (str | Path): Picture to write; its suffix is the format.

    Raises:
        ValueError: If the files hold no training loss.
    """
    files = [scalars] if isinstance(scalars, (str, Path)) else list(scalars)
    training, validation = _read(files)
    losses = [key for key in training if 'loss' in key]
    if not losses:
        raise ValueError(f'No training loss in {", ".join(map(str, files))}; the run has logged nothing yet.')
    panels = [
        ('training loss', 'iteration', {key: training[key] for key in sorted(losses, key=lambda key: key != 'loss')}),
        ('training accuracy', 'iteration', {key: value for key, value in training.items() if key.startswith('acc')}),
        ('validation (%)', 'epoch', {key: value for key, value in validation.items()
                                     if key.rsplit('/')[-1] in ('R1', 'mAP', 'mINP')}),
    ]
    panels = [panel for panel in panels if panel[2]]
    figure = Figure(figsize=(5.5 * len(panels), 4), layout='constrained')
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
        _draw_panel(axes, *panel)
    figure.savefig(out_file, dpi=110)


def _read(files: Sequence[str | Path]) -> tuple[dict, dict]:
    """Training and validation curves: name -> {step: value}."""
    training, validation = {}, {}
    for file in files:
        for line in Path(file).read_text(encoding='utf-8').splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:  # the line that a killed run was writing
                continue
            step = record.pop('step', None)
            curves = training if 'loss' in record else validation
            for key, value in record.items():
                curves.setdefault(key, {})[step] = value
    return training, validation


def _draw_panel(axes: Axes, title: str, unit: str, curves: dict) -> None:
    for number, (key, curve) in enumerate(curves.items()):
        steps = sorted(curve)
        axes.plot(
            steps, [curve[step] for step in steps],
            label=key,
            color=COLOURS[number % len(COLOURS)],
            linestyle=LINES[number // len(COLOURS) % len(LINES)],
            # Without a mark a single value would not be seen.
            marker='o' if len(steps) < 20 else None,
            markersize=3,
            linewidth=2 if key == 'loss' else 1.2)
    axes.set(title=title, xlabel=unit)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.grid(alpha=.3)
    axes.legend(fontsize=8)
    axes.spines[['top', 'right']].set_visible(False)
