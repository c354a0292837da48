"""A picture of search results: each query with its hits beside it."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from haresreid.files.heads import shown
from haresreid.files.images import read_any_rgb
from haresreid.visualization.style import PAGE_WIDTH, STYLE, save_figure

from .gallery import Hits
from .times import to_iso

__all__ = ['draw_hits']


@rc_context(STYLE)
def draw_hits(queries: Sequence[str], hits: Hits, out_file: str | Path | None = None) -> Figure:
    """Draw queries and their hits with score, camera and time.

    Args:
        queries (Sequence[str]): Q image files.
        hits (Hits): Their search results.
        out_file (str | Path, optional): See :func:`haresreid.visualization.figure_files`. Defaults to None.

    Raises:
        FileNotFoundError: If an image is not on disk.
    """
    files = [*queries, *(path for paths in hits.paths for path in paths)]
    missing = [path for path in files if not Path(path).is_file()]
    if missing:
        raise FileNotFoundError(
            f'no picture: {len(missing)} of {len(files)} images are not on disk, the first is '
            f'{missing[0]}; relative paths in the index are looked up in the current folder'
        )
    top = hits.scores.shape[1]
    # the empty second column separates the query from its hits
    height = (PAGE_WIDTH / (top + 1.4) * 2.1 + 0.55) * len(queries)
    layout = ConstrainedLayoutEngine(w_pad=0.015, h_pad=0.02, wspace=0, hspace=0, rect=(0.005, 0, 0.99, 1))
    figure = Figure(figsize=(PAGE_WIDTH, height), layout=layout)
    grid = figure.subplots(len(queries), top + 2, squeeze=False, width_ratios=[1, 0.25] + [1] * top)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, query in enumerate(queries):
        _draw_image(grid[row, 0], query, 'query', '')
        for rank in range(top):
            camera, time = hits.cameras[row, rank], to_iso(hits.times[row, rank])
            label = (f'cam {camera}\n' if camera >= 0 else '') + time.replace('T', '\n').strip('-')
            _draw_image(grid[row, rank + 2], hits.paths[row][rank], f'{rank + 1}  {hits.scores[row, rank]:.2f}', label)
    return save_figure(figure, out_file, dpi=150)


def _draw_image(axes: Axes, path: str, title: str, label: str) -> None:
    image = Image.fromarray(shown(read_any_rgb(path, turn=True)))
    axes.imshow(image.resize((72, 144), Image.Resampling.LANCZOS))
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=7, pad=3)
    axes.set_xlabel(label, fontsize=5, labelpad=1)
    axes.spines[:].set(visible=True)
