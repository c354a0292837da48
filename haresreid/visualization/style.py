"""The common style of all figures: a paper's column widths and font sizes, colours, and saving."""

from pathlib import Path

from matplotlib.figure import Figure

from haresreid.files.files import written_whole
from haresreid.files.paths import expand_home

__all__ = ['COLOURS', 'COLUMN_WIDTH', 'LINES', 'PAGE_WIDTH', 'RIGHT', 'STYLE', 'WRONG', 'figure_files', 'save_figure']

# IEEE column widths in inches. Figures are drawn at the size of print, so that their font sizes are true.
COLUMN_WIDTH, PAGE_WIDTH = 3.5, 7.16
# Okabe and Ito's palette without its yellow, which is invisible on white paper.
COLOURS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000')
LINES = ('-', '--', ':')
# A bluish green and an orange-red, which colour-blind readers can distinguish. Figures repeat the meaning in symbols.
RIGHT, WRONG = '#009E73', '#CC3311'
FORMATS = ('.png', '.svg', '.pdf')

# For ``matplotlib.rc_context``, which decorates every function that draws.
STYLE = {
    'font.size': 8,
    'axes.titlesize': 8,
    'axes.labelsize': 8,
    'xtick.labelsize': 7,
    'ytick.labelsize': 7,
    'legend.fontsize': 7,
    'legend.labelspacing': 0.25,
    'legend.handlelength': 1.6,
    'legend.columnspacing': 1.4,
    'legend.framealpha': 0.7,
    'legend.edgecolor': 'none',
    'figure.titlesize': 8,
    'axes.linewidth': 0.6,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.axisbelow': True,
    'grid.alpha': 0.3,
    'grid.linewidth': 0.5,
    'lines.linewidth': 1.2,
    'lines.markersize': 3,
    'hatch.linewidth': 0.5,
}


def figure_files(out_file: str | Path) -> list[Path]:
    """The files that :func:`save_figure` writes.

    Args:
        out_file (str | Path): With a suffix (.png, .svg, .pdf), exactly that file; without one, a PNG and an SVG.

    Raises:
        ValueError: If the suffix is a different one.
    """
    path = Path(expand_home(out_file))
    if not path.suffix:
        return [path.with_suffix(suffix) for suffix in ('.png', '.svg')]
    if path.suffix not in FORMATS:
        raise ValueError(
            f'{path} ends in {path.suffix!r}: a figure is written as {", ".join(FORMATS)}, or as PNG and '
            'SVG under a name without a dot.'
        )
    return [path]


def save_figure(figure: Figure, out_file: str | Path | None, dpi: int = 300) -> Figure:
    """Write a figure, create its folder if needed, and return the figure.

    Args:
        figure (Figure): The figure.
        out_file (str | Path, optional): See :func:`figure_files`. None writes nothing.
        dpi (int): Resolution of pixels: 300 for a printed PNG, less for one full of photographs. Defaults to 300.
    """
    for file in () if out_file is None else figure_files(out_file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as part:
            figure.savefig(part, dpi=dpi)
    return figure
