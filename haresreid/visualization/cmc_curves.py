"""Cumulative matching characteristics of several results."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from .style import COLOURS, COLUMN_WIDTH, LINES, STYLE, save_figure

__all__ = ['draw_cmc_curves']

SHORT, LONGEST = 24, 52  # characters of a name: in a legend of two columns, and of one


@rc_context(STYLE)
def draw_cmc_curves(results: Mapping[str, dict], protocol: str, out_file: str | Path | None = None) -> Figure:
    """Draw the mean CMC curve over the trials of one protocol.

    Our rows have the name of their result. References ('chance', 'hog') are grey and appear once.

    Args:
        results (Mapping[str, dict]): Results of :func:`haresreid.evaluation.results_to_dict`, or contents of
            ``metrics.json``, by the name to show.
        protocol (str): Such as 'sysu/all'.
        out_file (str | Path, optional): See :func:`figure_files`. Defaults to None.

    Raises:
        ValueError: If a result lacks the protocol, or two are of different test data.
    """
    for name, content in results.items():
        if protocol not in content['protocols']:
            raise ValueError(f'{name} has no figures of {protocol}; it has {", ".join(content["protocols"])}.')
    if len({content['data']['fingerprint'] for content in results.values()}) > 1:
        raise ValueError(
            f'{", ".join(results)} are of different test data, and curves on different images cannot be '
            'compared: evaluate them on the same files.'
        )
    ours, references = {}, {}
    for name, content in results.items():
        for row, result in content['protocols'][protocol].items():
            if row == 'ours' or row.startswith('ours + '):
                ours[name + row.removeprefix('ours')] = result
            else:
                references[row] = result

    columns = 2 if max(map(len, ours)) <= SHORT else 1
    height = 2.4 + 0.13 * -(-len([*ours, *references]) // columns)
    figure = Figure(figsize=(COLUMN_WIDTH, height), layout='constrained')
    axes = figure.subplots()
    for number, (name, result) in enumerate(ours.items()):
        colour, line = COLOURS[number % len(COLOURS)], LINES[number // len(COLOURS) % len(LINES)]
        _draw_curve(axes, name, result, color=colour, linestyle=line, marker='o', markersize=2)
    for number, (name, result) in enumerate(references.items()):
        _draw_curve(axes, name, result, color='.5', linestyle=LINES[1:][number % 2], linewidth=1)
    trials = max(len(result['trials']) for result in ours.values())
    axes.set(
        title=protocol + (f', mean over {trials} trials' if trials > 1 else ''),
        xlabel='rank',
        ylabel='matching rate (%)',
        xlim=(0.5, 20.5),
        ylim=(0, None),
    )
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.xaxis.set_minor_locator(MultipleLocator(1))
    axes.grid()
    figure.legend(loc='outside lower center', title='Rank-1 (%)', title_fontsize=7, ncols=columns, frameon=False)
    return save_figure(figure, out_file)


def _draw_curve(axes, name: str, result: dict, **style) -> None:
    curve = [100 * share for share in result['cmc']]
    # marks at 0 % and 100 % are drawn whole
    axes.plot(range(1, len(curve) + 1), curve, label=f'{_shortened(name)}: {curve[0]:.2f}', clip_on=False, **style)


def _shortened(name: str) -> str:
    """A name that fits below the curves; what distinguishes names is often at their ends."""
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f'{name[: half - 1]}…{name[-half:]}'
